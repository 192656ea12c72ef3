/** One run of the notebook: its sources, rows, settings and results. */

import { createHash } from "node:crypto";
import type { Dataset, DatasetDict } from "../data/dataset";
import type { LoadDatasetOptions } from "../ethics/load-dataset";
import { chooseSources, SOURCE_OPTIONS, type SourceOptions, type Sources } from "../ethics/sources";
import type { PredictionOutput } from "../evaluate/metrics";
import { printDownloads } from "../hub/progress";
import type { LoraOptions } from "../lora/config";
import type { PeftModel } from "../lora/peft-model";
import type { Classifier } from "../model/classifier";
import { freeModels } from "../model/weight-cache";
import { checkWorkers } from "../parallel/hosts";
import { checkOptions, kindsLike, pickOptions } from "../process/options";
import { reuse } from "../process/reuse";
import { deviceInfo, memoryUse } from "../tensor/device";
import type { TrainingArguments } from "../train/arguments";
import { type Budget, rowsWithinBudget } from "../train/budget";
import type { TrainerCallback } from "../train/callbacks";
import type { Trainer } from "../train/trainer";
import type { TrainOutput } from "../train/trainer-types";
import { callbacksFor } from "./callbacks";
import { datasetOptionsFor } from "./data";
import { keepEarlierRun } from "./earlier-runs";
import { type RunMetrics, readRunMetrics, writeRunMetrics } from "./metrics";
import { beginRunLog, RUN_DEFAULTS, type RunParameters, readRunParameters } from "./parameters";
import { runPaths } from "./run-folder";
import { type RunTask, runTask } from "./task";
import { argumentsFor, learningRateFor, loraOptionsFor } from "./training";

/** Evaluations of a run besides those after each epoch: before and after training, on two splits. */
const EVALUATIONS = 4;

/** Parameters that do not change a model's answers before training. */
// biome-ignore format: short words in rows
const AFTER_BASELINE: readonly (keyof RunParameters)[] = [
  "rank", "alpha", "dropout", "targetModules", "trainHead", "epochs", "batchSize", "learningRate", "optim",
  "saveSteps", "out", "offline", "resume", "tensorboard", "demo", "trainLimit", "workers", "workerHosts", "workerTimeout",
];

/** The rows that a run trains on and evaluates. */
export interface RunRows {
  train: Dataset;
  eval: Dataset;
  /** Rows of the split "validation", if there is one that is not used otherwise. */
  validation: Dataset | undefined;
}

/** Results of a run, for {@link Run.finish}. */
export interface RunOutcome {
  trainer: Trainer;
  model: PeftModel;
  /** What `train` returned. */
  trained: TrainOutput;
  /** What `evaluate` returned before training. */
  baseline: Record<string, number>;
  /** Predictions of the validation rows, if there are any. */
  validation: { before: PredictionOutput | undefined; after: PredictionOutput | undefined };
  rows: RunRows;
}

/**
 * Begins a run: frees the models of an earlier one, finds model and data, and prints where they come from.
 *
 * @param options parameters that differ from {@link RUN_DEFAULTS}
 * @throws {RangeError} a parameter does not exist
 * @throws a named model or dataset is not available
 */
export async function openRun(options: Partial<RunParameters> = {}): Promise<Run> {
  checkOptions("openRun", options, kindsLike<RunParameters>(RUN_DEFAULTS));
  const parameters = { ...RUN_DEFAULTS, ...options };
  checkWorkers(parameters);
  freeModels();
  const sources = await chooseSources({
    ...pickOptions<SourceOptions>(parameters, SOURCE_OPTIONS),
    onProgress: printDownloads(),
  });
  console.log(sources.banner);
  return new Run(parameters, sources);
}

/**
 * Opens a finished run read-only, with the same model, data and rows.
 *
 * @param folder the run's folder
 * @param options.limit size of a sample of its evaluation rows (default 0: all of them)
 * @throws {FileFormatError} the folder holds no finished run, or one whose log lacks its parameters
 */
export async function reopenRun(folder: string, options: { limit?: number; offline?: boolean } = {}): Promise<Run> {
  checkOptions("reopenRun", options, { limit: "number", offline: "boolean" });
  const { trainRows, evalRows } = readRunMetrics(folder);
  const started = readRunParameters(folder);
  const limits = { trainLimit: trainRows, evalLimit: Math.min(options.limit || evalRows, evalRows) };
  // Nothing is trained, perhaps on another machine.
  const reading = { offline: options.offline ?? started.offline, workers: 1, workerHosts: [], resume: true };
  return openRun({ ...started, ...limits, ...reading, out: folder });
}

/** A run: its settings for each step of the notebook, and its results. */
export class Run {
  #task: RunTask | undefined;
  #rows: RunRows | undefined;
  /** Of the data as read, since a file may change between two runs in one kernel. */
  #dataHash = "";

  /** @internal Use {@link openRun}. */
  constructor(
    /** All parameters, including defaults. */
    readonly parameters: Readonly<RunParameters>,
    readonly sources: Sources,
  ) {}

  /** The model's folder, for `fromPretrained`. */
  get model(): string {
    return this.sources.model;
  }

  /** The dataset's folder, for `loadDataset`. */
  get dataset(): string {
    return this.sources.dataset;
  }

  get out(): string {
    return this.parameters.out;
  }

  /** Part of ETHICS, or of your own data; "default" where that has no parts. */
  get config(): string {
    return this.#taskNow.config;
  }

  get trainSplit(): string {
    return this.parameters.trainSplit;
  }

  get evalSplit(): string {
    return this.#taskNow.evalSplit;
  }

  /** Seed of samples, row order, dropout and LoRA's initial weights. */
  get seed(): number {
    return this.parameters.seed;
  }

  /** Whether the run goes on from its last checkpoint. */
  get resume(): boolean {
    return this.parameters.resume;
  }

  /** Options for `loadDataset`. */
  get datasetOptions(): LoadDatasetOptions {
    return datasetOptionsFor(this.parameters);
  }

  /**
   * How to prepare, train and evaluate on the data. Call it after loading the data, since the settings of model, LoRA and
   * Trainer depend on it. It prints the labels of your own data.
   *
   * @throws {RangeError} parameters, data and model do not fit together
   */
  taskFor(dataset: DatasetDict): RunTask {
    const task = runTask(this.parameters, dataset, this.sources.model);
    if (task.isOwn) console.log(`labels: ${task.labelNames.map((name, label) => `${label} ${name}`).join(", ")}`);
    if (task.evalSplit !== this.parameters.evalSplit)
      console.log(`no split test with labels: evaluating on ${task.evalSplit}`);
    this.#task = task;
    this.#dataHash = hashOf(dataset);
    return task;
  }

  get #taskNow(): RunTask {
    if (this.#task) return this.#task;
    throw new Error("`run`: expected the data's task, got none. Call `run.taskFor(dataset)` first.");
  }

  /** Options for `fromPretrained`. */
  get modelOptions(): RunTask["head"] & Pick<RunParameters, "dtype"> {
    return { ...this.#taskNow.head, dtype: this.parameters.dtype };
  }

  /** Options for `LoraConfig`. */
  get loraOptions(): LoraOptions {
    return loraOptionsFor(this.parameters, this.#taskNow);
  }

  /** Arguments for the Trainer; choose the rows first. */
  get trainingArguments(): TrainingArguments {
    const trainRows = this.#rows?.train.numRows ?? 0;
    const outputDir = runPaths(this.out).checkpoints;
    return argumentsFor(this.parameters, { outputDir, sources: this.sources, task: this.#taskNow, trainRows });
  }

  /** Callbacks that write the run's log, with `tensorboard` its event file, and with `saveSteps` checkpoints between the epochs. */
  get callbacks(): TrainerCallback[] {
    return callbacksFor(this.parameters, this.out);
  }

  /**
   * Makes a value, or returns the one that an earlier run in this process made under this name with the same model, data,
   * rows and number format.
   */
  reuse<T>(name: string, make: () => T | Promise<T>): Promise<T> {
    const { parameters, sources } = this;
    const inputs = Object.fromEntries(
      Object.entries(parameters).filter(([key]) => !AFTER_BASELINE.includes(key as keyof RunParameters)),
    );
    return reuse(
      name,
      { ...inputs, model: sources.model, dataset: this.#dataHash, rows: this.#rows?.eval.numRows },
      make,
    );
  }

  /**
   * Chooses the rows: all, seeded samples of the limits' size, or, for the real model on a processor, as many as a quarter
   * of an hour allows. Moves an earlier run in the folder aside unless it is resumed.
   *
   * @param tokenized the tokenized splits
   * @param model whose speed is measured if time limits the rows
   */
  async chooseRows(tokenized: DatasetDict, model: Classifier): Promise<RunRows> {
    const { trainSplit, trainLimit, evalLimit, seed, resume } = this.parameters;
    const { evalSplit } = this;
    const [allTrain, allEval] = [tokenized.get(trainSplit), tokenized.get(evalSplit)];
    const task = this.#taskNow;
    const budget = await this.#budget(allTrain, allEval, task.classifier(model));
    const evalCount = evalLimit || budget?.evalRows || allEval.numRows;
    const hasValidation = tokenized.names.includes("validation") && ![trainSplit, evalSplit].includes("validation");
    this.#rows = {
      train: allTrain.sample(trainLimit || budget?.trainRows || allTrain.numRows, seed),
      eval: task.sample(allEval, evalCount, seed),
      validation: hasValidation ? task.sample(tokenized.validation, evalCount, seed) : undefined,
    };
    console.log(`training on ${this.#rows.train.numRows} rows, evaluating on ${this.#rows.eval.numRows}`);
    if (!resume) {
      keepEarlierRun(this.out);
      beginRunLog(this.out, this.parameters);
    }
    return this.#rows;
  }

  /** Summary of a training: its steps, how to resume it if it was stopped, and the optimizer's state. */
  summary({ globalStep, badSteps, stopped, optimizer: { tensors8bit, tensors32bit } }: TrainOutput): string {
    const goOn = "Go on with `resume: true` in the settings cell and Run All, or: npm start -- --resume --out FOLDER";
    const end = stopped ? `stopped at step ${globalStep}. ${goOn}` : `${globalStep} steps, finished`;
    const bad = badSteps > 0 ? `\n${badSteps} of them not applied: loss or gradients were not finite` : "";
    return `${end}${bad}\noptimizer: ${tensors8bit} tensors with 8-bit state, ${tensors32bit} with 32-bit state`;
  }

  /**
   * Writes `metrics.json`. The model is evaluated first if training was stopped or never evaluated.
   *
   * @returns its content
   */
  async finish({ trainer, model, trained, baseline, validation, rows }: RunOutcome): Promise<RunMetrics> {
    const isEvaluated = trainer.state.logHistory.some(({ evalLoss }) => evalLoss !== undefined);
    if (trained.stopped || !isEvaluated) await trainer.evaluate();
    const { parameters, sources, config, evalSplit } = this;
    return writeRunMetrics(this.out, {
      ...parameters,
      config,
      evalSplit,
      targetModules: [...parameters.targetModules],
      trainHead: parameters.trainHead || this.#taskNow.trainsHead,
      learningRate: learningRateFor(parameters, sources),
      sources,
      counts: { trainRows: rows.train.numRows, evalRows: rows.eval.numRows, ...model.parameterCounts() },
      baseline,
      trained,
      state: trainer.state,
      validation,
      device: deviceInfo(),
      memory: memoryUse(),
    });
  }

  /** @returns undefined if all rows are wanted or a limit is given */
  async #budget(trainDataset: Dataset, evalDataset: Dataset, model: Classifier): Promise<Budget | undefined> {
    const { full, trainLimit, evalLimit, batchSize, epochs, seed } = this.parameters;
    const isSmall = this.sources.demo.model || deviceInfo().device === "gpu";
    if (isSmall || full || trainLimit > 0 || evalLimit > 0) return undefined;
    const pace = { batchSize, epochs, seed, evaluations: epochs + EVALUATIONS };
    const measure = () => rowsWithinBudget({ model, trainDataset, evalDataset, ...pace });
    const budget = await this.reuse(`budget of ${JSON.stringify(pace)}`, measure);
    const [minutes, memory] = [Math.round(budget.minutesForAll), (budget.memoryBytes / 1e9).toFixed(1)];
    console.log(`All rows would take about ${minutes} minutes, the largest step ${memory} GB beside the weights.`);
    return budget;
  }
}

function hashOf(dataset: DatasetDict): string {
  const hash = createHash("sha256");
  for (const name of dataset.names) for (const row of dataset.get(name).rows()) hash.update(JSON.stringify(row));
  return hash.digest("hex");
}
