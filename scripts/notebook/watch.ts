/** The progress of a headless run, from the cells that begin and the lines of its log. */
import { formatFigure, percent } from "../../lib/report/format";
import { Stopwatch, TrainingFacts } from "../../lib/report/progress/facts";
import { type ProgressView, progressLine } from "../../lib/report/progress/view";
import type { LogLine } from "../../lib/runs/log";

/** What execute.py tells, one JSON line each. */
export interface CellEvent {
  cell?: number;
  of?: number;
  heading?: string;
  failed?: number;
  stopped?: number;
  error?: string;
  /** Every cell has run, but what came of it found no room on the disk. */
  unwritten?: string;
  done?: boolean;
}

/** Turns events into a line for people: where the run is, how far, and how long it still takes. */
export class RunProgress {
  #view: ProgressView = { title: "", facts: [] };
  readonly #facts = new TrainingFacts();
  #watch = new Stopwatch(0);
  #firstTokens = 0;

  /** A cell was begun. */
  cell(event: CellEvent): void {
    this.#view = { title: `cell ${event.cell} of ${event.of}: ${event.heading}`, facts: [] };
  }

  /**
   * Takes a line of the log.
   * @returns a line worth keeping, such as the result of an evaluation
   */
  log(line: LogLine): string | undefined {
    if (line.event === "step") {
      this.#facts.note(line);
      this.#count("steps", { ...line, done: line.step, total: line.maxSteps });
      if (line.skipped) return `step ${line.step}: loss or gradients are not finite: not applied`;
    } else if (line.event === "log") {
      this.#facts.note({ ...line.logs, loss: undefined, memory: line.memory });
      if (line.logs?.loss != null) this.#facts.smooth(line.logs.loss);
    } else if (line.event === "prediction") {
      this.#count("rows", line);
    } else if (line.event === "evaluate") {
      const { evalLoss, evalAccuracy } = line.metrics ?? {};
      if (evalLoss === undefined) return undefined;
      const accuracy = evalAccuracy == null ? "" : `, accuracy ${percent(evalAccuracy)}`;
      return `evaluation after step ${line.step}: loss ${formatFigure(evalLoss)}${accuracy}`;
    }
    return undefined;
  }

  /** Whether a count is under way, and not only a cell. */
  get counting(): boolean {
    return (this.#view.steps ?? this.#view.rows) !== undefined;
  }

  /** The line as it stands. */
  get line(): string {
    return progressLine(this.#view);
  }

  #count(what: "steps" | "rows", { done = 0, total = 0, time, tokens }: LogLine): void {
    const before = this.#view[what];
    if (!before || done < before.done) {
      this.#watch = new Stopwatch(done, time);
      this.#firstTokens = tokens;
    }
    const seconds = this.#watch.seconds(time);
    const speed = seconds > 0 ? (tokens - this.#firstTokens) / seconds : undefined;
    const facts = what === "steps" ? this.#facts.lines(speed) : [];
    this.#view = { title: this.#view.title, [what]: this.#watch.count(done, total, time), facts };
  }
}
