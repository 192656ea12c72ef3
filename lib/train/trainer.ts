/** The training loop, with the behaviour of Hugging Face's Trainer. */
import { epochOrder, type TokenizedRow, tokenizedRows } from "../data/batches";
import type { Dataset } from "../data/dataset";
import type { Classifier } from "../model/classifier";
import { type Tensor, tf } from "../runtime/tensorflow";
import { type TrainingArguments, trainingArguments } from "./arguments";
import type { LogEntry, TrainerCallback, TrainerControl, TrainerEvent, TrainerState } from "./callbacks";
import { checkpointFolder, lastCheckpoint, type Progress, readCheckpoint, writeCheckpoint } from "./checkpoint";
import { type Evaluation, evaluateRows } from "./evaluation";
import { interruptible } from "./interrupt";
import { Optimizer } from "./optimizer";
import { nextTurn } from "./predict";
import { linearSchedule } from "./schedule";
import { trainStep } from "./train-step";
import type { PredictionOutput, TrainerOptions, TrainOutput } from "./trainer-types";

/** Trains and evaluates a model; the settings' names and meanings are those of transformers. */
export class Trainer {
  /** Where the run stands. */
  state: TrainerState;
  /** The checked settings. */
  readonly args: TrainingArguments;
  private readonly control: TrainerControl = { shouldTrainingStop: false };

  /** @throws {RangeError} a setting is unknown or not allowed, or the tokenizer does not fit the model */
  constructor(private readonly options: TrainerOptions) {
    this.args = trainingArguments(options.args);
    this.state = newState(this.args, 0);
    const { tokenizer, model } = options;
    if (tokenizer !== undefined && tokenizer.vocabSize > model.config.vocabSize) {
      throw new RangeError(
        `\`tokenizer\`: expected at most the model's ${model.config.vocabSize} tokens, got ${tokenizer.vocabSize}.`,
      );
    }
  }

  /**
   * Trains the model's trainable parameters. SIGINT (a notebook's stop button, Ctrl-C) ends it after the step under way.
   *
   * @param options.resumeFromCheckpoint a checkpoint's folder, or true for the last one in outputDir
   * @throws {FileFormatError} there is no such checkpoint, or it is of another run
   */
  async train(options: { resumeFromCheckpoint?: boolean | string } = {}): Promise<TrainOutput> {
    const { args } = this;
    const { model } = this.options;
    const rows = this.rows(this.options.trainDataset, "trainDataset");
    const parameters = model.trainableParameters();
    if (parameters.length === 0)
      throw new Error("`model`: expected trainable parameters, got none. See getPeftModel().");
    const stepsPerEpoch = Math.ceil(rows.length / args.perDeviceTrainBatchSize);
    const optimizer = new Optimizer(parameters, args);
    try {
      const progress = await this.begin(optimizer, stepsPerEpoch, options.resumeFromCheckpoint ?? false);
      const resumedAt = this.state.globalStep;
      const started = performance.now();
      await this.emit("onTrainBegin");
      const stop = (): void => {
        this.control.shouldTrainingStop = true;
      };
      await interruptible(stop, async () => {
        while (this.state.globalStep < this.state.maxSteps && !this.control.shouldTrainingStop) {
          await this.trainEpoch({ model, optimizer, rows, stepsPerEpoch, progress });
        }
      });
      const seconds = (performance.now() - started) / 1000;
      return await this.finish(progress, optimizer, { seconds, steps: this.state.globalStep - resumedAt });
    } finally {
      optimizer.dispose();
    }
  }

  private async begin(optimizer: Optimizer, stepsPerEpoch: number, resume: boolean | string): Promise<Progress> {
    const { args } = this;
    this.control.shouldTrainingStop = false;
    this.state = newState(args, Math.ceil(stepsPerEpoch * args.numTrainEpochs));
    const losses = { window: 0, windowSteps: 0, total: 0 };
    if (resume === false) return { state: this.state, losses };
    const folder = typeof resume === "string" ? resume : lastCheckpoint(args.outputDir);
    if (folder === undefined) {
      throw new Error(`\`resumeFromCheckpoint\`: expected a checkpoint in ${args.outputDir}, got none.`);
    }
    const { maxSteps } = this.state;
    const progress = await readCheckpoint(folder, { model: this.options.model, optimizer, maxSteps });
    this.state = progress.state;
    return progress;
  }

  /** Trains to the end of the current epoch, from wherever in it the run stands. */
  private async trainEpoch(run: TrainRun): Promise<void> {
    const { args, state, control } = this;
    const { rows, stepsPerEpoch } = run;
    const epoch = Math.floor(state.globalStep / stepsPerEpoch);
    const order = epochOrder(rows.length, args.seed, epoch);
    await this.emit("onEpochBegin");
    let pending = tf.scalar(0) as Tensor;
    try {
      do {
        const first = (state.globalStep % stepsPerEpoch) * args.perDeviceTrainBatchSize;
        const batch = Array.from(
          order.slice(first, first + args.perDeviceTrainBatchSize),
          (i) => rows[i] as TokenizedRow,
        );
        pending = await this.oneStep(run, batch, pending);
        const atEnd = state.globalStep % stepsPerEpoch === 0 || state.globalStep === state.maxSteps;
        if (args.saveStrategy === "steps" && state.globalStep % args.saveSteps === 0) {
          pending = this.flush(run.progress, pending);
          await this.save(run);
        }
        if (atEnd) {
          pending = this.flush(run.progress, pending);
          await this.endEpoch(run);
          return;
        }
        await nextTurn();
      } while (!control.shouldTrainingStop);
      pending = this.flush(run.progress, pending);
      if (args.saveStrategy !== "no") await this.save(run);
    } finally {
      pending.dispose();
    }
  }

  /** Makes one step and reports it. @returns the losses since they were last read, still on the device */
  private async oneStep(run: TrainRun, batch: TokenizedRow[], pending: Tensor): Promise<Tensor> {
    const { args, state } = this;
    const { progress } = run;
    const started = performance.now();
    const learningRate = linearSchedule(args.learningRate, state.globalStep, state.maxSteps);
    const { maxGradNorm, seed } = args;
    const { loss, norm } = trainStep({ ...run, rows: batch, learningRate, maxGradNorm, seed, step: state.globalStep });
    let sum = tf.tidy(() => tf.add(pending, loss));
    pending.dispose();
    progress.losses.windowSteps++;

    // report
    const tokens = batch.reduce((total, { inputIds }) => total + inputIds.length, 0);
    state.globalStep++;
    state.epoch = state.globalStep / run.stepsPerEpoch;
    state.tokensSeen += tokens;
    const step: TrainerEvent["step"] = { learningRate, tokens, seconds: (performance.now() - started) / 1000 };
    if (state.globalStep % args.loggingSteps === 0) {
      sum = this.flush(progress, sum);
      step.loss = (await loss.data())[0] as number;
      step.gradNorm = (await norm.data())[0] as number;
      const { window, windowSteps } = progress.losses;
      const after = linearSchedule(args.learningRate, state.globalStep, state.maxSteps);
      const logged = args.loggedLearningRate === "now" ? learningRate : after;
      await this.log({ loss: window / windowSteps, gradNorm: step.gradNorm, learningRate: logged });
      Object.assign(progress.losses, { window: 0, windowSteps: 0 });
    }
    tf.dispose([loss, norm]);
    await this.emit("onStepEnd", { step });
    return sum;
  }

  /** Adds the losses that are still on the device to the sums; @returns a new zero for the next ones */
  private flush({ losses }: Progress, pending: Tensor): Tensor {
    const sum = pending.dataSync()[0] as number;
    pending.dispose();
    losses.window += sum;
    losses.total += sum;
    return tf.scalar(0);
  }

  private async endEpoch(run: TrainRun): Promise<void> {
    const { args, state } = this;
    if (args.evalStrategy === "epoch") {
      const { evalLoss } = await this.evaluate();
      const better = state.bestMetric === undefined || (evalLoss as number) < state.bestMetric;
      if (better) {
        state.bestMetric = evalLoss as number;
        if (args.saveStrategy === "epoch") {
          state.bestModelCheckpoint = checkpointFolder(args.outputDir, state.globalStep);
        }
      }
    }
    if (args.saveStrategy === "epoch") await this.save(run);
  }

  private async save({ optimizer, progress }: TrainRun): Promise<void> {
    const { args } = this;
    const folder = checkpointFolder(args.outputDir, this.state.globalStep);
    writeCheckpoint(folder, { model: this.options.model, optimizer, args, progress });
    await this.emit("onSave");
  }

  private async finish(
    progress: Progress,
    optimizer: Optimizer,
    { seconds, steps }: { seconds: number; steps: number },
  ): Promise<TrainOutput> {
    const { args, state } = this;
    const stopped = this.control.shouldTrainingStop && state.globalStep < state.maxSteps;
    if (args.loadBestModelAtEnd && state.bestModelCheckpoint !== undefined && !stopped) {
      await this.options.model.load(state.bestModelCheckpoint);
    }
    const trainLoss = progress.losses.total / state.globalStep;
    const metrics = {
      trainRuntime: seconds,
      trainSamplesPerSecond: (steps * args.perDeviceTrainBatchSize) / seconds,
      trainStepsPerSecond: steps / seconds,
      trainTokens: state.tokensSeen,
      trainLoss,
    };
    await this.log(metrics);
    await this.emit("onTrainEnd");
    const { globalStep, epoch } = state;
    return {
      globalStep,
      trainingLoss: trainLoss,
      metrics: { ...metrics, epoch },
      optimizer: optimizer.summary(),
      stopped,
    };
  }

  /**
   * Evaluates without dropout.
   *
   * @returns evalLoss (mean over rows), eval<Metric> of computeMetrics, evalRuntime in seconds and rates; also logged
   */
  async evaluate(dataset: Dataset | undefined = this.options.evalDataset): Promise<Record<string, number>> {
    const started = performance.now();
    const { loss, metrics, labels } = await this.run(dataset);
    const count = labels.length;
    const seconds = (performance.now() - started) / 1000;
    const named = Object.entries(metrics).map(([name, value]) => [
      `eval${name[0]?.toUpperCase()}${name.slice(1)}`,
      value,
    ]);
    const result: Record<string, number> = {
      evalLoss: loss,
      ...Object.fromEntries(named),
      evalRuntime: seconds,
      evalSamplesPerSecond: count / seconds,
      evalStepsPerSecond: Math.ceil(count / this.args.perDeviceEvalBatchSize) / seconds,
    };
    await this.log(result);
    await this.emit("onEvaluate", { metrics: result });
    return { ...result, epoch: this.state.epoch };
  }

  /** Logits and metrics of a split, in the order of its rows. */
  async predict(dataset: Dataset): Promise<PredictionOutput> {
    const { predictions, labels, loss, metrics } = await this.run(dataset);
    return { predictions, labelIds: labels, metrics: { loss, ...metrics } };
  }

  private run(dataset: Dataset | undefined): Promise<Evaluation> {
    const rows = this.rows(dataset, "evalDataset");
    const { model, computeMetrics } = this.options;
    return evaluateRows(model, rows, {
      batchSize: this.args.perDeviceEvalBatchSize,
      computeMetrics,
      onProgress: (done) => this.emit("onPredictionStep", { prediction: { done, total: rows.length } }),
    });
  }

  private rows(dataset: Dataset | undefined, name: string): TokenizedRow[] {
    if (dataset === undefined || dataset.numRows === 0) {
      throw new Error(
        `\`${name}\`: expected a dataset with rows, got ${dataset === undefined ? "none" : "an empty one"}.`,
      );
    }
    return tokenizedRows(dataset, this.options.model.config.id2label.length);
  }

  private async log(values: Record<string, number>): Promise<void> {
    const logs: LogEntry = { ...values, epoch: this.state.epoch, step: this.state.globalStep };
    this.state.logHistory.push(logs);
    await this.emit("onLog", { logs });
  }

  private async emit(name: keyof TrainerCallback, details: Partial<TrainerEvent> = {}): Promise<void> {
    const event = { args: this.args, state: this.state, control: this.control, ...details };
    for (const callback of this.options.callbacks ?? []) await callback[name]?.(event);
  }
}

/** What the steps of a run share. */
interface TrainRun {
  model: Classifier;
  optimizer: Optimizer;
  rows: TokenizedRow[];
  stepsPerEpoch: number;
  progress: Progress;
}

function newState(args: TrainingArguments, maxSteps: number): TrainerState {
  return { globalStep: 0, maxSteps, epoch: 0, numTrainEpochs: args.numTrainEpochs, logHistory: [], tokensSeen: 0 };
}
