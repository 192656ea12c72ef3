/** Progress of trainings and evaluations. */
import { type MemoryUse, memoryUse } from "../../tensor/device";
import type { LogEntry, TrainerCallback, TrainerEvent } from "../../train/callbacks";
import type { LiveCurve } from "../charts/live-curve";
import { formatNumber, formatSeconds } from "../format";
import type { Table } from "../tables/table";
import { Stopwatch, TrainingFacts } from "./facts";
import { openOutput, Painter, type ProgressOutput } from "./output";
import type { ProgressView } from "./view";

/** A row of the results table. */
interface ResultRow {
  /** Undefined for an evaluation outside training. */
  epoch?: number;
  trainingLoss?: number;
  validationLoss?: number;
  accuracy?: number;
}

/** A training in progress. */
interface Training {
  watch: Stopwatch;
  firstTokens: number;
  curve: LiveCurve;
  facts: TrainingFacts;
}

function resultsTable(results: readonly ResultRow[]): Table {
  const training = results.some(({ epoch }) => epoch !== undefined);
  return {
    columns: [...(training ? ["Epoch", "Training Loss"] : []), "Validation Loss", "Accuracy"],
    rows: results.map((row) => [...(training ? [row.epoch, row.trainingLoss] : []), row.validationLoss, row.accuracy]),
  };
}

/**
 * Shows the progress of training and evaluation in one place: bars with the time left, speed, loss, learning rate, gradient
 * norm and memory, the growing results table, and in a notebook the curve of the losses.
 */
export class ProgressCallback implements TrainerCallback {
  readonly #open: () => ProgressOutput;
  readonly #memory: () => Pick<MemoryUse, "rssBytes" | "tensors">;
  #painter: Painter | undefined;
  #view: ProgressView = { title: "", facts: [] };
  #results: ResultRow[] = [];
  #training: Training | undefined;
  #predicting: Stopwatch | undefined;

  /**
   * @param open opens an output, once for each training or evaluation
   * @param memory measures the memory in use
   */
  constructor(
    open: () => ProgressOutput = openOutput,
    memory: () => Pick<MemoryUse, "rssBytes" | "tensors"> = memoryUse,
  ) {
    this.#open = open;
    this.#memory = memory;
  }

  onTrainBegin({ state }: TrainerEvent): void {
    this.#begin("Training");
    const curve: LiveCurve = { maxSteps: state.maxSteps, loss: [], smoothed: [], evaluations: [] };
    const watch = new Stopwatch(state.globalStep);
    this.#training = { watch, firstTokens: state.tokensSeen, curve, facts: new TrainingFacts() };
    this.#view.curve = curve;
    this.#view.steps = { done: state.globalStep, total: state.maxSteps };
    // A resumed training starts with the earlier results and curve.
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
    if (step) training.facts.note(step);
    this.#draw(false, false, () => this.#facts(training, state));
  }

  onLog({ logs }: TrainerEvent): void {
    if (logs) this.#note(logs);
  }

  onPredictionStep({ prediction }: TrainerEvent): void {
    if (!prediction) return;
    // A count that goes back belongs to a new evaluation, after one that was stopped.
    if (!this.#predicting || prediction.done <= (this.#view.rows?.done ?? 0)) {
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
    const seconds = watch.seconds();
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
    this.#painter = new Painter(this.#open());
    this.#view = { title, facts: [] };
    this.#results = [];
  }

  /** Adds a log entry to the curve. */
  #note({ step, loss, evalLoss, learningRate, gradNorm }: LogEntry): void {
    const training = this.#training;
    if (!training) return;
    if (loss !== undefined) {
      training.curve.loss.push({ step, value: loss });
      training.curve.smoothed.push({ step, value: training.facts.smooth(loss) });
    }
    if (evalLoss !== undefined) training.curve.evaluations.push({ step, value: evalLoss });
    training.facts.note({ learningRate, gradNorm });
  }

  #addResult(epoch: number, found: Record<string, number>): void {
    const row: ResultRow = { validationLoss: found.evalLoss, accuracy: found.evalAccuracy };
    if (this.#training) {
      row.epoch = epoch;
      row.trainingLoss = this.#training.curve.loss.at(-1)?.value ?? this.#training.facts.loss;
    }
    this.#results.push(row);
    this.#view.table = resultsTable(this.#results);
  }

  #facts({ watch, firstTokens, facts }: Training, state: TrainerEvent["state"]): string[] {
    facts.note({ memory: this.#memory() });
    const tokensPerSecond = (state.tokensSeen - firstTokens) / Math.max(1e-3, watch.seconds());
    return [`epoch ${state.epoch.toFixed(2)} of ${state.numTrainEpochs}`, ...facts.lines(tokensPerSecond)];
  }

  #endPrediction(): void {
    const seconds = this.#predicting?.seconds() ?? 0;
    this.#training?.watch.leaveOut(seconds);
    this.#predicting = undefined;
    if (this.#training) delete this.#view.rows;
    else {
      this.#view.title = "Evaluation done";
      this.#view.facts = [formatSeconds(seconds)];
    }
  }

  /** @param facts called only if the view is drawn */
  #draw(now: boolean, last = false, facts?: () => string[]): void {
    const view = (): ProgressView => {
      if (facts) this.#view.facts = facts();
      return this.#view;
    };
    this.#painter?.draw(view, { now, last });
  }
}
