import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { formatSeconds } from "../../lib/report/progress-view";

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

interface LogLine {
  time: number;
  event: string;
  step: number;
  maxSteps: number;
  tokens: number;
  done?: number;
  total?: number;
  loss?: number;
  metrics?: Record<string, number>;
}

/** Reads the lines that were added to a growing file since the last time. */
export class LineReader {
  readonly #file: string;
  #offset = 0;
  #rest = "";

  constructor(file: string) {
    this.#file = file;
  }

  read(): string[] {
    if (!existsSync(this.#file)) return [];
    const descriptor = openSync(this.#file, "r");
    try {
      const piece = Buffer.alloc(1 << 16);
      for (let size = 1; size > 0; ) {
        size = readSync(descriptor, piece, 0, piece.length, this.#offset);
        this.#offset += size;
        this.#rest += piece.toString("utf8", 0, size);
      }
    } finally {
      closeSync(descriptor);
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }
}

/** Turns events into a line for people: where the run is, how far, and how long it still takes. */
export class RunProgress {
  #cell = "";
  #what = "";
  #since: { time: number; done: number } | undefined;
  #phase = "";
  #loss = "";

  /** A cell was begun. */
  cell(event: CellEvent): void {
    this.#cell = `cell ${event.cell} of ${event.of}: ${event.heading}`;
    this.#what = "";
    this.#phase = "";
  }

  /**
   * A line of log.jsonl.
   * @returns a line worth keeping, such as the result of an evaluation
   */
  log(text: string): string | undefined {
    const line = JSON.parse(text) as LogLine;
    if (line.event === "step") {
      if (typeof line.loss === "number") this.#loss = `, loss ${line.loss.toFixed(3)}`;
      this.#count("training step", line.step, line.maxSteps, line.time, this.#loss);
    } else if (line.event === "prediction") {
      this.#count("evaluating row", line.done ?? 0, line.total ?? 0, line.time, "");
    } else if (line.event === "evaluate") {
      const { evalLoss, evalAccuracy } = line.metrics ?? {};
      if (evalLoss === undefined) return undefined;
      const accuracy = evalAccuracy === undefined ? "" : `, accuracy ${(100 * evalAccuracy).toFixed(1)} %`;
      return `evaluation after step ${line.step}: loss ${evalLoss.toFixed(4)}${accuracy}`;
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

  #count(phase: string, done: number, total: number, time: number, more: string): void {
    if (phase !== this.#phase || !this.#since || done < this.#since.done) {
      this.#phase = phase;
      this.#since = { time, done };
    }
    const made = done - this.#since.done;
    const left = made > 0 ? ((time - this.#since.time) / 1000 / made) * (total - done) : undefined;
    const remaining = left === undefined || done >= total ? "" : `, ${formatSeconds(left)} left`;
    this.#what = `${phase} ${done} of ${total}${more}${remaining}`;
  }
}
