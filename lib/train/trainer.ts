/** Trains and evaluates a model, with the behaviour of Hugging Face's Trainer. */

import type { Dataset } from "../data/dataset";
import { type TokenizedRow, tokenizedRows } from "../data/rows";
import { type Evaluation, evaluateRows } from "../evaluate/evaluation";
import type { PredictionOutput } from "../evaluate/metrics";
import { type Objective, objectiveOf } from "../evaluate/objective";
import { checkManifest } from "../files/manifest";
import { problemTypeOf } from "../model/config";
import { EvaluationStopped, interruptible } from "../process/interrupt";
import { checkOptions } from "../process/options";
import type { ResolvedArguments } from "./arguments";
import { evaluationKey } from "./best-metric";
import type { LogEntry, TrainerEvent, TrainerState } from "./callbacks";
import { removeOtherCheckpoints } from "./checkpoint";
import { newControl, withWholeSteps } from "./control";
import { checkMemory } from "./guards/memory-estimate";
import { withMemoryAdvice } from "./guards/out-of-memory";
import { CallbackList, type EventName, type Listeners } from "./listeners";
import { Optimizer } from "./optim/optimizer";
import { TrainingPlan } from "./plan";
import { resolveArguments } from "./resolve-arguments";
import { TRAINER_OPTIONS, type TrainerOptions, type TrainOutput } from "./trainer-types";
import { TrainingRun } from "./training-run";
import { trainWithWorkers } from "./workers/coordinator";

/**
 * Trains and evaluates a model; the settings' names and meanings are those of transformers.
 *
 * @example
 * ```ts
 * import { AutoModelForSequenceClassification, AutoTokenizer, getPeftModel, loadDataset, LoraConfig, tokenizeDataset, Trainer } from "ethics-for-robots";
 *
 * const tokenizer = await AutoTokenizer.fromPretrained("data/demo/model");
 * const base = await AutoModelForSequenceClassification.fromPretrained("data/demo/model");
 * const data = (await loadDataset("data/demo/ethics")).map((split) => tokenizeDataset(split, tokenizer));
 * const trainer = new Trainer({
 *   model: getPeftModel(base, new LoraConfig({ r: 8 })),
 *   args: { outputDir: "runs/checkpoints", maxSteps: 20, learningRate: 2e-3, optim: "adamw_8bit" },
 *   trainDataset: data.train,
 *   evalDataset: data.test,
 * });
 * const { trainingLoss } = await trainer.train();
 * const { eval_loss } = await trainer.evaluate();
 * ```
 */
export class Trainer {
  /** Where the run stands. */
  state: TrainerState;
  /** The checked settings. */
  readonly args: ResolvedArguments;
  private readonly control = newControl();
  private readonly objective: Objective | undefined;
  private readonly listeners: Listeners;
  /** What stops the training under way. */
  private stopping: AbortSignal | undefined;

  /** @throws {RangeError} a setting is unknown or not allowed, or the tokenizer does not fit the model */
  constructor(private readonly options: TrainerOptions) {
    checkOptions("Trainer", options, TRAINER_OPTIONS);
    this.args = resolveArguments(options.args);
    this.state = newState(this.args.numTrainEpochs, 0);
    const { tokenizer, model } = options;
    if (tokenizer !== undefined && tokenizer.vocabSize > model.config.vocabSize) {
      throw new RangeError(
        `\`tokenizer\`: expected at most the model's ${model.config.vocabSize} tokens, got ${tokenizer.vocabSize}.`,
      );
    }
    this.objective = objectiveOf(this.args, model.config);
    this.listeners = options.seat?.listeners ?? new CallbackList(options.callbacks ?? []);
  }

  /**
   * Trains the model's trainable parameters. SIGINT (a notebook's stop button, Ctrl-C) ends it after the step under way.
   *
   * @param options.resumeFromCheckpoint a checkpoint's folder, or true for the last one in outputDir
   * @throws {FileFormatError} there is no such checkpoint, or it is of another run
   */
  async train(options: { resumeFromCheckpoint?: boolean | string } = {}): Promise<TrainOutput> {
    checkOptions("train", options, { resumeFromCheckpoint: ["boolean", "string"] });
    const resumeFrom = options.resumeFromCheckpoint ?? false;
    try {
      return await interruptible((signal) => this.trainUntil(signal, resumeFrom), this.options.signal);
    } finally {
      this.stopping = undefined;
    }
  }

  private async trainUntil(signal: AbortSignal, resumeFrom: boolean | string): Promise<TrainOutput> {
    this.stopping = signal;
    const { args, control } = this;
    const { model } = this.options;
    const rows = this.rows(this.options.trainDataset, "trainDataset");
    // Before hours of training, not after them.
    if (args.evalStrategy !== "no" || args.evalOnStart) this.rows(this.options.evalDataset, "evalDataset");
    const parameters = model.trainableParameters();
    if (parameters.length === 0)
      throw new Error("`model`: expected trainable parameters, got none. See getPeftModel().");
    const plan = new TrainingPlan(
      args,
      rows.length,
      rows.map(({ inputIds }) => inputIds.length),
    );
    checkMemory(model, plan.passes(rows), args.gradientCheckpointing);
    if (args.workers > 1 || args.workerHosts.length > 0) {
      const events = { listeners: this.listeners, control };
      return trainWithWorkers({ ...this.options, ...events, args, trainer: this, signal, resumeFrom });
    }
    const run = new TrainingRun({
      ...this.options,
      args: withWholeSteps(args, plan.maxSteps),
      control,
      listeners: this.listeners,
      group: this.options.seat?.group,
      objective: this.objective,
      rows,
      plan,
      optimizer: new Optimizer(parameters, args),
      state: newState(plan.epochs, plan.maxSteps),
      signal,
      emit: (name, details) => this.emit(name, details),
      log: (values) => this.log(values),
      evaluate: () => this.evaluate(),
    });
    try {
      Object.assign(control, newControl());
      await run.resume(resumeFrom);
      this.state = run.state;
      const { globalStep: resumedAt, tokensSeen: tokensBefore } = this.state;
      const started = performance.now();
      await this.emit("onTrainBegin");
      await run.train();
      const seconds = (performance.now() - started) / 1000;
      const { globalStep, tokensSeen } = this.state;
      const made = { seconds, steps: globalStep - resumedAt, tokens: tokensSeen - tokensBefore };
      return await this.finish(run, { ...made, interrupted: signal.aborted });
    } finally {
      run.dispose();
    }
  }

  /** @param made what was made since the start or the resumed checkpoint */
  private async finish(
    run: TrainingRun,
    made: { seconds: number; steps: number; tokens: number; interrupted: boolean },
  ): Promise<TrainOutput> {
    const { seconds, steps, tokens, interrupted } = made;
    const { args, state } = this;
    const isFirst = this.options.seat?.group.isFirst ?? true;
    const trainLoss = run.meanLoss();
    const metrics = {
      trainRuntime: seconds,
      trainSamplesPerSecond: (steps * args.perDeviceTrainBatchSize * args.gradientAccumulationSteps) / seconds,
      trainStepsPerSecond: steps / seconds,
      trainTokens: state.tokensSeen,
      trainTokensPerSecond: tokens / seconds,
      trainLoss,
    };
    await this.log(metrics);
    const { bestModelCheckpoint: best, globalStep, epoch } = state;
    const stopped = globalStep < state.maxSteps || run.isDue;
    // Whoever interrupts a run before its end wants to go on with what it has learned so far.
    if (best !== undefined && !(interrupted && stopped)) {
      if (args.loadBestModelAtEnd && isFirst) {
        checkManifest(best);
        await this.options.model.load(best);
        state.loadedCheckpoint = best;
      }
      if (args.saveTotalLimit === 1 && isFirst) removeOtherCheckpoints(args.outputDir, best);
    }
    await this.emit("onTrainEnd");
    return {
      globalStep,
      badSteps: state.badSteps ?? 0,
      trainingLoss: trainLoss,
      metrics: { ...metrics, epoch },
      optimizer: run.optimizerSummary(),
      stopped,
    };
  }

  /**
   * Evaluates without dropout. SIGINT (a notebook's stop button, Ctrl-C) ends it with an error.
   *
   * @returns evalLoss (mean over rows), eval<Metric> of computeMetrics, evalRuntime in seconds and rates; also logged
   */
  async evaluate(dataset: Dataset | undefined = this.options.evalDataset): Promise<Record<string, number>> {
    const started = performance.now();
    const { loss, metrics, labels } = await this.run(dataset);
    const count = labels.length;
    const seconds = (performance.now() - started) / 1000;
    const named = Object.entries(metrics).map(([name, value]) => [evaluationKey(name), value]);
    const own: Record<string, number> = {
      evalLoss: loss,
      ...Object.fromEntries(named),
      evalRuntime: seconds,
      evalSamplesPerSecond: count / seconds,
      evalStepsPerSecond: Math.ceil(count / this.args.perDeviceEvalBatchSize) / seconds,
    };
    const result = (await this.options.seat?.group.fromFirst(own)) ?? own;
    await this.log(result);
    await this.emit("onEvaluate", { metrics: result });
    return { ...result, epoch: this.state.epoch };
  }

  /** Logits and metrics of a split, in the order of its rows. */
  async predict(dataset: Dataset): Promise<PredictionOutput> {
    const { predictions, labels, loss, metrics } = await this.run(dataset);
    return { predictions, labelIds: labels, metrics: { loss, ...metrics } };
  }

  private async run(dataset: Dataset | undefined): Promise<Evaluation> {
    const rows = this.rows(dataset, "evalDataset");
    const { model, computeMetrics, seat } = this.options;
    const { objective } = this;
    const onProgress = async (done: number): Promise<void> => {
      await this.emit("onPredictionStep", { prediction: { done, total: rows.length } });
    };
    const batchSize = this.args.perDeviceEvalBatchSize;
    const signal = seat?.stopWanted ?? this.stopping ?? this.options.signal;
    const metrics = { computeMetrics: seat?.computeMetrics ?? computeMetrics, objective };
    try {
      return await evaluateRows(model, rows, { ...metrics, batchSize, onProgress, signal, group: seat?.group });
    } catch (error) {
      // It comes to all workers at once.
      if (error instanceof EvaluationStopped) seat?.stop();
      throw withMemoryAdvice(error, "evaluation", "a smaller perDeviceEvalBatchSize, shorter texts");
    }
  }

  private rows(dataset: Dataset | undefined, name: string): TokenizedRow[] {
    if (dataset === undefined || dataset.numRows === 0) {
      throw new Error(
        `\`${name}\`: expected a dataset with rows, got ${dataset === undefined ? "none" : "an empty one"}.`,
      );
    }
    const { config } = this.options.model;
    return tokenizedRows(dataset, config.id2label.length, problemTypeOf(config));
  }

  /** Adds an entry to the history and tells of it. */
  private async log(values: Record<string, number>): Promise<void> {
    const logs: LogEntry = { ...values, epoch: this.state.epoch, step: this.state.globalStep };
    this.state.logHistory.push(logs);
    await this.emit("onLog", { logs });
  }

  private async emit(name: EventName, details: Partial<TrainerEvent> = {}): Promise<void> {
    const event = { args: this.args, state: this.state, control: this.control, ...details };
    await this.listeners.notify(name, event);
  }
}

function newState(numTrainEpochs: number, maxSteps: number): TrainerState {
  return { globalStep: 0, maxSteps, epoch: 0, numTrainEpochs, logHistory: [], tokensSeen: 0 };
}
