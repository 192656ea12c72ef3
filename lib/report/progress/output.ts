import { liveCurveImage } from "../charts/live-curve";
import { Display, inNotebook } from "../tables/display";
import { type Count, type ProgressView, progressHtml, progressLine, resultsText } from "./view";

/** Where progress goes; the default finds out whether this is a notebook, a terminal or a file. */
export interface ProgressOutput {
  /** Shows the view in the place of the last one. */
  draw(view: ProgressView, last: boolean): void;
  /** Least milliseconds between two drawings. */
  pauseMs: number;
  /** Most of the time that drawing may take, as a share of 1; without it, any. */
  share?: number;
}

/** Milliseconds between two pictures of the curve. */
const CURVE_PAUSE_MS = 2000;

/** Counts the seconds of one phase and guesses how many are left. */
export class Stopwatch {
  readonly #from = Date.now();
  #away = 0;
  readonly #firstDone: number;

  constructor(firstDone: number) {
    this.#firstDone = firstDone;
  }

  /** Takes out seconds that were spent on something else. */
  leaveOut(seconds: number): void {
    this.#away += seconds;
  }

  get seconds(): number {
    return (Date.now() - this.#from) / 1000 - this.#away;
  }

  count(done: number, total: number): Count {
    const made = done - this.#firstDone;
    return made > 0 ? { done, total, secondsLeft: (this.seconds / made) * (total - done) } : { done, total };
  }
}

function notebookOutput(): ProgressOutput {
  const display = new Display();
  let picture = "";
  let pictureAt = 0;
  const draw = (view: ProgressView, last: boolean): void => {
    if (view.curve && view.curve.loss.length > 1 && (last || Date.now() - pictureAt >= CURVE_PAUSE_MS)) {
      picture = liveCurveImage(view.curve);
      pictureAt = Date.now();
    }
    const text = [...(view.notes ?? []), progressLine(view), resultsText(view)].filter(Boolean).join("\n");
    display.write({ "text/html": progressHtml(view, picture), "text/plain": text });
  };
  return { draw, pauseMs: 200, share: 0.02 };
}

function terminalOutput(): ProgressOutput {
  const live = process.stdout.isTTY === true;
  let told = false;
  const draw = (view: ProgressView, last: boolean): void => {
    if (!told) for (const note of view.notes ?? []) process.stdout.write(`${note}\n`);
    told = true;
    const line = progressLine(view);
    process.stdout.write(live ? `\r\u001b[K${line}${last ? "\n" : ""}` : `${line}\n`);
    const table = last ? resultsText(view) : "";
    if (table !== "") process.stdout.write(`${table}\n`);
  };
  return { draw, pauseMs: live ? 200 : 10_000 };
}

/** Where progress goes from here: a place in the notebook, or the terminal. */
export function openOutput(): ProgressOutput {
  return inNotebook() ? notebookOutput() : terminalOutput();
}

/** Draws views at the pace of an output. */
export class Painter {
  readonly #output: ProgressOutput;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawingMs = 0;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /**
   * Draws, when it is time or has to be done now.
   * @param view makes the view; it is asked only when there is a drawing
   */
  draw(view: () => ProgressView, { now = false, last = false } = {}): void {
    const { pauseMs, share } = this.#output;
    const started = performance.now();
    if (!now && started - this.#drawnAt < Math.max(pauseMs, share ? this.#drawingMs / share : 0)) return;
    this.#output.draw(view(), last);
    this.#drawnAt = performance.now();
    this.#drawingMs = this.#drawnAt - started;
  }
}
