/** The facts of a training under way, the same in notebook and terminal. */
import type { LogLine } from "../../runs/log";
import type { MemoryUse } from "../../tensor/device";
import { Smoothed } from "../charts/smoothed";
import { formatBytes, formatFigure, formatNumber } from "../format";
import type { Count } from "./view";

/** Measures the time of one count and estimates how much is left. */
export class Stopwatch {
  readonly #firstDone: number;
  readonly #from: number;
  #away = 0;

  /**
   * @param firstDone where the count begins, 0 unless it goes on from an earlier one
   * @param from milliseconds since 1970 (default: now)
   */
  constructor(firstDone: number, from = Date.now()) {
    this.#firstDone = firstDone;
    this.#from = from;
  }

  /** Takes out seconds that were spent on something else. */
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

/** Figures of a training's moment; the loss is that of the last step that told it. */
interface Moment extends Pick<LogLine, "loss" | "learningRate" | "gradNorm"> {
  memory?: Pick<MemoryUse, "rssBytes" | "tensors">;
}

/** The newest of each figure, and the smoothed loss. */
export class TrainingFacts {
  #moment: Moment = {};
  readonly #smoothing = new Smoothed();
  #smoothed: number | undefined;

  /** The loss of the last step that told it. */
  get loss(): number | undefined {
    return this.#moment.loss ?? undefined;
  }

  /** Takes the figures that are there. */
  note({ loss, learningRate, gradNorm, memory }: Moment): void {
    const told = Object.entries({ loss, learningRate, gradNorm, memory }).filter(([, value]) => value !== undefined);
    Object.assign(this.#moment, Object.fromEntries(told));
  }

  /**
   * Takes the loss of a log entry, the mean of several steps.
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
