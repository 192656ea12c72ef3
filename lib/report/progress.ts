import { type MemoryUse, memoryUse } from "../runtime/device";
import type { LogEntry, TrainerCallback, TrainerEvent } from "../train/callbacks";
import { Display, inNotebook } from "./display";
import { type LiveCurve, liveCurveImage } from "./live-curve";
import {
  type Count,
  formatBytes,
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
  /** Most of the time that drawing may take, as a share of 1; without it, any. */
  share?: number;
}

/** Milliseconds between two pictures of the curve. */
const CURVE_PAUSE_MS = 2000;

/** What a new value adds to the smoothed loss; the rest is of the values before. */
const SMOOTHING = 0.2;

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
  let picture = "";
  let pictureAt = 0;
  const draw = (view: ProgressView, last: boolean): void => {
    if (view.curve && view.curve.loss.length > 1 && (last || Date.now() - pictureAt >= CURVE_PAUSE_MS)) {
      picture = liveCurveImage(view.curve);
      pictureAt = Date.now();
    }
    const text = view.results.length > 0 ? `${progressLine(view)}\n${resultsText(view.results)}` : progressLine(view);
    display.write({ "text/html": progressHtml(view, picture), "text/plain": text });
  };
  return { draw, pauseMs: 200, share: 0.02 };
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

/** A mean in which older values count less and less, right from the first value on. */
class Smoothed {
  #sum = 0;
  #weight = 0;

  add(value: number): number {
    this.#sum = (1 - SMOOTHING) * this.#sum + SMOOTHING * value;
    this.#weight = (1 - SMOOTHING) * this.#weight + SMOOTHING;
    return this.value;
  }

  get value(): number {
    return this.#sum / this.#weight;
  }
}

/** What a training has shown so far. */
interface Training {
  watch: Stopwatch;
  firstTokens: number;
  curve: LiveCurve;
  smoothed: Smoothed;
  /** Of the last step or log entry that told it. */
  loss?: number;
  learningRate?: number;
  gradNorm?: number;
}

/**
 * Shows training and evaluation as they go, in one place: bars with the time left, speed, loss, learning rate, gradient
 * norm and memory, the growing results table, and in a notebook the curve of the losses.
 */
export class ProgressCallback implements TrainerCallback {
  readonly #open: () => ProgressOutput;
  readonly #memory: () => Pick<MemoryUse, "rssBytes" | "tensors">;
  #output: ProgressOutput | undefined;
  #view: ProgressView = { title: "", facts: [], results: [] };
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawingMs = 0;
  #training: Training | undefined;
  #predicting: Stopwatch | undefined;

  /**
   * @param open makes the place to draw in, once for each training or evaluation
   * @param memory tells what is held
   */
  constructor(
    open: () => ProgressOutput = () => (inNotebook() ? notebookOutput() : terminalOutput()),
    memory: () => Pick<MemoryUse, "rssBytes" | "tensors"> = memoryUse,
  ) {
    this.#open = open;
    this.#memory = memory;
  }

  onTrainBegin({ state }: TrainerEvent): void {
    this.#begin("Training");
    const curve: LiveCurve = { maxSteps: state.maxSteps, loss: [], smoothed: [], evaluations: [] };
    const watch = new Stopwatch(state.globalStep);
    this.#training = { watch, firstTokens: state.tokensSeen, curve, smoothed: new Smoothed() };
    this.#view.curve = curve;
    this.#view.steps = { done: state.globalStep, total: state.maxSteps };
    // A resumed training shows what it had shown before.
    for (const entry of state.logHistory) {
      this.#note(entry);
      if (entry.evalLoss !== undefined) this.#addResult(entry.epoch, entry);
    }
    this.#draw(true);
  }

  onStepEnd({ state, step }: TrainerEvent): void {
    const training = this.#training;
    if (!training) return;
    this.#view.steps = training.watch.count(state.globalStep, state.maxSteps);
    if (step?.loss !== undefined) {
      training.loss = step.loss;
      training.learningRate = step.learningRate;
      if (step.gradNorm !== undefined) training.gradNorm = step.gradNorm;
    }
    this.#draw(false, false, () => this.#facts(training, state));
  }

  onLog({ logs }: TrainerEvent): void {
    if (logs) this.#note(logs);
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
    this.#addResult(state.epoch, { ...logs, ...metrics });
    if (this.#training) this.#view.title = "Training";
    this.#draw(true, !this.#training);
  }

  onTrainEnd({ state }: TrainerEvent): void {
    if (!this.#training) return;
    const { watch, firstTokens } = this.#training;
    const seconds = watch.seconds;
    const tokens = state.tokensSeen - firstTokens;
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
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** Takes the points of a log entry into the curve. */
  #note({ step, loss, evalLoss, learningRate, gradNorm }: LogEntry): void {
    const training = this.#training;
    if (!training) return;
    if (loss !== undefined) {
      training.curve.loss.push({ step, value: loss });
      training.curve.smoothed.push({ step, value: training.smoothed.add(loss) });
      training.loss ??= loss;
    }
    if (evalLoss !== undefined) training.curve.evaluations.push({ step, value: evalLoss });
    if (learningRate !== undefined) training.learningRate = learningRate;
    if (gradNorm !== undefined) training.gradNorm = gradNorm;
  }

  #addResult(epoch: number, found: Record<string, number>): void {
    const row: ResultRow = {};
    const trainingLoss = this.#training?.curve.loss.at(-1)?.value ?? this.#training?.loss;
    if (this.#training) row.epoch = epoch;
    if (trainingLoss !== undefined) row.trainingLoss = trainingLoss;
    if (found.evalLoss !== undefined) row.validationLoss = found.evalLoss;
    if (found.evalAccuracy !== undefined) row.accuracy = found.evalAccuracy;
    this.#view.results.push(row);
  }

  #facts(training: Training, state: TrainerEvent["state"]): string[] {
    const { watch, firstTokens, curve, loss, learningRate, gradNorm } = training;
    const tokens = (state.tokensSeen - firstTokens) / Math.max(1e-3, watch.seconds);
    const { rssBytes, tensors } = this.#memory();
    const smoothed = curve.smoothed.at(-1)?.value;
    return [
      `epoch ${state.epoch.toFixed(2)} of ${state.numTrainEpochs}`,
      `${formatNumber(Math.round(tokens))} tokens/s`,
      ...(loss === undefined ? [] : [`loss ${formatNumber(loss)}`]),
      ...(smoothed === undefined ? [] : [`smoothed ${formatNumber(smoothed)}`]),
      ...(learningRate === undefined ? [] : [`learning rate ${learningRate.toExponential(2)}`]),
      ...(gradNorm === undefined ? [] : [`gradient norm ${gradNorm.toFixed(2)}`]),
      `memory ${formatBytes(rssBytes)}, ${formatNumber(tensors)} tensors`,
    ];
  }

  #endPrediction(): void {
    const seconds = this.#predicting?.seconds ?? 0;
    this.#training?.watch.leaveOut(seconds);
    this.#predicting = undefined;
    if (this.#training) delete this.#view.rows;
    else {
      this.#view.title = "Evaluation done";
      this.#view.facts = [formatSeconds(seconds)];
    }
  }

  /** @param facts are asked for only when there is a drawing */
  #draw(now: boolean, last = false, facts?: () => string[]): void {
    const output = this.#output;
    if (!output) return;
    const pause = Math.max(output.pauseMs, output.share ? this.#drawingMs / output.share : 0);
    const started = performance.now();
    if (!now && started - this.#drawnAt < pause) return;
    if (facts) this.#view.facts = facts();
    output.draw(this.#view, last);
    this.#drawnAt = performance.now();
    this.#drawingMs = this.#drawnAt - started;
  }
}
