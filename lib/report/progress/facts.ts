/** Current figures of a training, the same in notebook and terminal. */
import type { LogLine } from "../../runs/log";
import type { MemoryUse } from "../../tensor/device";
import { Smoothed } from "../charts/smoothed";
import { formatBytes, formatFigure, formatNumber } from "../format";
import type { Count } from "./view";

/** Measures the time of a count and estimates the rest. */
export class Stopwatch {
  readonly #firstDone: number;
  readonly #from: number;
  #away = 0;

  /**
   * @param firstDone start of the count, above 0 for a resumed one
   * @param from milliseconds since 1970 (default: now)
   */
  constructor(firstDone: number, from = Date.now()) {
    this.#firstDone = firstDone;
    this.#from = from;
  }

  /** Excludes seconds that were spent on something else. */
  leaveOut(seconds: number): void {
    this.#away += seconds;
  }

  seconds(now = Date.now()): number {
    return (now - this.#from) / 1000 - this.#away;
  }

  count(done: number, total: number, now = Date.now()): Count {
    const made = done - this.#firstDone;
    return made > 0 ? { done, total, secondsLeft: (this.seconds(now) / made) * (total - done) } : { done, total };
  }
}

/** Figures that a training reports at one moment. */
interface Moment extends Pick<LogLine, "loss" | "learningRate" | "gradNorm"> {
  memory?: Pick<MemoryUse, "rssBytes" | "tensors">;
}

/** The latest value of each figure, and the smoothed loss. */
export class TrainingFacts {
  #moment: Moment = {};
  readonly #smoothing = new Smoothed();
  #smoothed: number | undefined;

  /** The latest loss. */
  get loss(): number | undefined {
    return this.#moment.loss ?? undefined;
  }

  /** Records the figures that are present. */
  note({ loss, learningRate, gradNorm, memory }: Moment): void {
    const told = Object.entries({ loss, learningRate, gradNorm, memory }).filter(([, value]) => value !== undefined);
    Object.assign(this.#moment, Object.fromEntries(told));
  }

  /**
   * Adds the loss of a log entry, a mean over several steps.
   * @returns the smoothed loss
   */
  smooth(loss: number): number {
    this.#moment.loss ??= loss;
    this.#smoothed = this.#smoothing.add(loss);
    return this.#smoothed;
  }

  /** A text for each figure that is known. */
  lines(tokensPerSecond?: number): string[] {
    const { loss, learningRate, gradNorm, memory } = this.#moment;
    const fact = (name: string, figure: number | null | undefined, form?: (value: number) => string): string[] =>
      figure === undefined ? [] : [`${name} ${formatFigure(figure, form)}`];
    return [
      ...(tokensPerSecond === undefined ? [] : [`${formatNumber(Math.round(tokensPerSecond))} tokens/s`]),
      ...fact("loss", loss),
      ...fact("smoothed", this.#smoothed),
      ...fact("learning rate", learningRate, (rate) => rate.toExponential(2)),
      ...fact("gradient norm", gradNorm, (norm) => norm.toFixed(2)),
      ...(memory ? [`memory ${formatBytes(memory.rssBytes)}, ${formatNumber(memory.tensors)} tensors`] : []),
    ];
  }
}
