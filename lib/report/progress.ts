import type { TrainerCallback, TrainerEvent } from "../train/callbacks";
import { Display, inNotebook } from "./display";
import {
  type Count,
  formatSeconds,
  type ProgressView,
  progressHtml,
  progressLine,
  type ResultRow,
  resultsText,
} from "./progress-view";
import { formatNumber } from "./tables";

/** Where progress goes; the default finds out whether this is a notebook, a terminal or a file. */
export interface ProgressOutput {
  /** Shows the view in the place of the last one. */
  draw(view: ProgressView, last: boolean): void;
  /** Least milliseconds between two drawings. */
  pauseMs: number;
}

/** Counts the seconds of one phase and guesses how many are left. */
class Stopwatch {
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
  const draw = (view: ProgressView): void => {
    const text = view.results.length > 0 ? `${progressLine(view)}\n${resultsText(view.results)}` : progressLine(view);
    display.write({ "text/html": progressHtml(view), "text/plain": text });
  };
  return { draw, pauseMs: 200 };
}

function terminalOutput(): ProgressOutput {
  const live = process.stdout.isTTY === true;
  const draw = (view: ProgressView, last: boolean): void => {
    const line = progressLine(view);
    process.stdout.write(live ? `\r\u001b[K${line}${last ? "\n" : ""}` : `${line}\n`);
    if (last && view.results.length > 0) process.stdout.write(`${resultsText(view.results)}\n`);
  };
  return { draw, pauseMs: live ? 200 : 10_000 };
}

/** Shows training and evaluation as they go: a bar with the time left, the loss, and the growing results table. */
export class ProgressCallback implements TrainerCallback {
  readonly #open: () => ProgressOutput;
  #output: ProgressOutput | undefined;
  #view: ProgressView = { title: "", facts: [], results: [] };
  #drawnAt = 0;
  #training: Stopwatch | undefined;
  #predicting: Stopwatch | undefined;
  #lastLoss: number | undefined;
  #firstTokens = 0;

  /** @param open makes the place to draw in, once for each training or evaluation */
  constructor(open: () => ProgressOutput = () => (inNotebook() ? notebookOutput() : terminalOutput())) {
    this.#open = open;
  }

  onTrainBegin({ state }: TrainerEvent): void {
    this.#begin("Training");
    this.#training = new Stopwatch(state.globalStep);
    this.#firstTokens = state.tokensSeen;
    this.#view.steps = { done: state.globalStep, total: state.maxSteps };
    this.#draw(true);
  }

  onStepEnd({ state, step }: TrainerEvent): void {
    if (!this.#training) return;
    this.#view.steps = this.#training.count(state.globalStep, state.maxSteps);
    if (step?.loss !== undefined) {
      this.#lastLoss = step.loss;
      const tokens = (state.tokensSeen - this.#firstTokens) / Math.max(1e-3, this.#training.seconds);
      this.#view.facts = [
        `epoch ${state.epoch.toFixed(2)} of ${state.numTrainEpochs}`,
        `loss ${formatNumber(step.loss)}`,
        `learning rate ${step.learningRate.toExponential(2)}`,
        `${formatNumber(Math.round(tokens))} tokens/s`,
      ];
    }
    this.#draw(false);
  }

  onLog({ logs }: TrainerEvent): void {
    if (typeof logs?.loss === "number") this.#lastLoss = logs.loss;
  }

  onPredictionStep({ prediction }: TrainerEvent): void {
    if (!prediction) return;
    if (!this.#predicting) {
      if (!this.#training) this.#begin("Evaluation");
      else this.#view.title = "Training: evaluation";
      this.#predicting = new Stopwatch(0);
    }
    this.#view.rows = this.#predicting.count(prediction.done, prediction.total);
    const over = prediction.done >= prediction.total;
    if (over) this.#endPrediction();
    this.#draw(over, over && !this.#training);
  }

  onEvaluate({ state, metrics, logs }: TrainerEvent): void {
    const found: Record<string, number> = { ...logs, ...metrics };
    const row: ResultRow = {};
    if (this.#training) {
      row.epoch = state.epoch;
      if (this.#lastLoss !== undefined) row.trainingLoss = this.#lastLoss;
    }
    if (found.evalLoss !== undefined) row.validationLoss = found.evalLoss;
    if (found.evalAccuracy !== undefined) row.accuracy = found.evalAccuracy;
    this.#view.results.push(row);
    if (this.#training) this.#view.title = "Training";
    this.#draw(true, !this.#training);
  }

  onTrainEnd({ state }: TrainerEvent): void {
    if (!this.#training) return;
    const seconds = this.#training.seconds;
    const tokens = state.tokensSeen - this.#firstTokens;
    this.#view.title = state.globalStep < state.maxSteps ? "Training stopped" : "Training done";
    this.#view.steps = { done: state.globalStep, total: state.maxSteps };
    this.#view.facts = [
      formatSeconds(seconds),
      `${formatNumber(tokens)} tokens`,
      `${formatNumber(Math.round(tokens / Math.max(1e-3, seconds)))} tokens/s`,
    ];
    this.#training = undefined;
    this.#draw(true, true);
  }

  #begin(title: string): void {
    this.#output = this.#open();
    this.#view = { title, facts: [], results: [] };
    this.#drawnAt = 0;
  }

  #endPrediction(): void {
    const seconds = this.#predicting?.seconds ?? 0;
    this.#training?.leaveOut(seconds);
    this.#predicting = undefined;
    if (this.#training) delete this.#view.rows;
    else {
      this.#view.title = "Evaluation done";
      this.#view.facts = [formatSeconds(seconds)];
    }
  }

  #draw(now: boolean, last = false): void {
    const output = this.#output;
    if (!output || (!now && Date.now() - this.#drawnAt < output.pauseMs)) return;
    this.#drawnAt = Date.now();
    output.draw(this.#view, last);
  }
}
