/** Outputs of progress displays, and their pace. */
import { liveCurveImage } from "../charts/live-curve";
import { Display, inNotebook } from "../tables/display";
import { ProgressLine } from "./terminal";
import { type ProgressView, progressHtml, progressLine, resultsText } from "./view";

/** Shows progress in a notebook, a terminal or a file: see {@link openOutput}. */
export interface ProgressOutput {
  /** Replaces the last view. */
  draw(view: ProgressView, last: boolean): void;
  /** Least milliseconds between two drawings. */
  pauseMs: number;
  /** Largest share of the time that drawing may take; unlimited without it. */
  share?: number;
}

/** Milliseconds between two pictures of the curve. */
const CURVE_PAUSE_MS = 2000;

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
  const line = new ProgressLine();
  let told = false;
  const draw = (view: ProgressView, last: boolean): void => {
    if (!told) for (const note of view.notes ?? []) line.keep(note);
    told = true;
    if (!last) line.update(progressLine(view), true);
    else for (const text of [progressLine(view), resultsText(view)]) if (text !== "") line.keep(text);
  };
  return { draw, pauseMs: line.live ? 200 : 10_000 };
}

/** Opens a display in a notebook, lines elsewhere. */
export function openOutput(): ProgressOutput {
  return inNotebook() ? notebookOutput() : terminalOutput();
}

/** Draws views at an output's pace. */
export class Painter {
  readonly #output: ProgressOutput;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawingMs = 0;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /**
   * Draws if it is time, or `now`.
   * @param view called only if it is drawn
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
