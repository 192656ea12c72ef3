import { Smoothed } from "../../lib/report/charts/smoothed";
import { formatBytes, formatFigure, formatNumber, formatSeconds, percent } from "../../lib/report/format";
import type { LogLine } from "../../lib/runs/log";

/** What execute.py tells, one JSON line each. */
export interface CellEvent {
  cell?: number;
  of?: number;
  heading?: string;
  failed?: number;
  stopped?: number;
  error?: string;
  done?: boolean;
}

/** What is known of a training's moment; null where it is not a number. */
type Moment = Pick<LogLine, "loss" | "learningRate" | "gradNorm" | "memory">;

/** Turns events into a line for people: where the run is, how far, and how long it still takes. */
export class RunProgress {
  #cell = "";
  #what = "";
  #since: { time: number; done: number; tokens: number } | undefined;
  #phase = "";
  #facts: Moment & { smoothed?: number } = {};
  #smoothed = new Smoothed();

  /** A cell was begun. */
  cell(event: CellEvent): void {
    this.#cell = `cell ${event.cell} of ${event.of}: ${event.heading}`;
    this.#what = "";
    this.#phase = "";
  }

  /**
   * Takes a line of the log.
   * @returns a line worth keeping, such as the result of an evaluation
   */
  log(line: LogLine): string | undefined {
    if (line.event === "step") {
      this.#note(line);
      this.#count("training step", line.step, line.maxSteps, line);
      this.#what += this.#told(line);
    } else if (line.event === "log") {
      this.#note({ ...line, ...line.logs });
      if (line.logs?.loss != null) this.#facts.smoothed = this.#smoothed.add(line.logs.loss);
    } else if (line.event === "prediction") {
      this.#count("evaluating row", line.done ?? 0, line.total ?? 0, line);
    } else if (line.event === "evaluate") {
      const { evalLoss, evalAccuracy } = line.metrics ?? {};
      if (evalLoss === undefined) return undefined;
      const loss = formatFigure(evalLoss, (value) => value.toFixed(4));
      const accuracy = evalAccuracy == null ? "" : `, accuracy ${percent(evalAccuracy)}`;
      return `evaluation after step ${line.step}: loss ${loss}${accuracy}`;
    }
    return undefined;
  }

  /** Whether a count is under way, and not only a cell. */
  get counting(): boolean {
    return this.#what !== "";
  }

  /** The line as it stands. */
  get line(): string {
    return [this.#cell, this.#what].filter(Boolean).join(" · ");
  }

  #note({ loss, learningRate, gradNorm, memory }: Moment): void {
    const told = Object.entries({ loss, learningRate, gradNorm, memory }).filter(([, value]) => value !== undefined);
    Object.assign(this.#facts, Object.fromEntries(told));
  }

  /** The facts of the live view in the notebook, in its words. */
  #told({ time, tokens }: LogLine): string {
    const { loss, smoothed, learningRate, gradNorm, memory } = this.#facts;
    const since = this.#since;
    const seconds = since ? (time - since.time) / 1000 : 0;
    const speed = since && seconds > 0 ? Math.round((tokens - since.tokens) / seconds) : undefined;
    const exponent = (rate: number): string => rate.toExponential(2);
    const short = (norm: number): string => norm.toFixed(2);
    return [
      ...(loss === undefined ? [] : [`loss ${formatFigure(loss)}`]),
      ...(smoothed === undefined ? [] : [`smoothed ${formatNumber(smoothed)}`]),
      ...(speed === undefined ? [] : [`${formatNumber(speed)} tokens/s`]),
      ...(learningRate === undefined ? [] : [`learning rate ${formatFigure(learningRate, exponent)}`]),
      ...(gradNorm === undefined ? [] : [`gradient norm ${formatFigure(gradNorm, short)}`]),
      ...(memory ? [`memory ${formatBytes(memory.rssBytes)}, ${formatNumber(memory.tensors)} tensors`] : []),
    ]
      .map((fact) => ` · ${fact}`)
      .join("");
  }

  #count(phase: string, done: number, total: number, { time, tokens }: LogLine): void {
    if (phase !== this.#phase || !this.#since || done < this.#since.done) {
      this.#phase = phase;
      this.#since = { time, done, tokens };
    }
    const made = done - this.#since.done;
    const left = made > 0 ? ((time - this.#since.time) / 1000 / made) * (total - done) : undefined;
    const remaining = left === undefined || done >= total ? "" : `, ${formatSeconds(left)} left`;
    this.#what = `${phase} ${done} of ${total}${remaining}`;
  }
}
