/** Training settings that the notebook and the trials of a sweep have in common. */
import type { Sources } from "../ethics/sources";
import { accuracy, type ComputeMetrics } from "../evaluate/metrics";
import type { LoraOptions } from "../lora/config";
import type { TrainingArguments } from "../train/arguments";
import { DEFAULT_LEARNING_RATE } from "../train/resolve-arguments";
import type { RunParameters } from "./parameters";
import type { RunTask } from "./task";

/** Entries of the training loss in a whole run's log. */
const LOG_ENTRIES = 50;

/** Default learning rates: the original notebook's, and a higher one for the demo's small model. */
export const LEARNING_RATES: Readonly<Record<"original" | "demo", number>> = {
  original: DEFAULT_LEARNING_RATE,
  demo: 2e-3,
};

/** The parameters that LoRA and the Trainer depend on. */
export type TrainingSettings = Pick<RunParameters, "rank" | "alpha" | "dropout" | "targetModules" | "trainHead"> &
  Pick<RunParameters, "epochs" | "batchSize" | "learningRate" | "optim" | "seed">;

/** @returns the given rate, or the model's default if it is 0 */
export function learningRateFor({ learningRate }: Pick<TrainingSettings, "learningRate">, { demo }: Sources): number {
  return learningRate || (demo.model ? LEARNING_RATES.demo : LEARNING_RATES.original);
}

/** Computes accuracy, by which runs are compared, and the part's own metric. */
export function metricsFor(task: RunTask): ComputeMetrics {
  return (prediction) => ({ accuracy: accuracy(prediction), ...task.metrics(prediction) });
}

/** Options of a run's `LoraConfig`. The head is trained if the settings or the task require it. */
export function loraOptionsFor(settings: TrainingSettings, task: RunTask): LoraOptions {
  const { rank, alpha, dropout, targetModules, trainHead } = settings;
  const lora = { r: rank, loraAlpha: alpha, loraDropout: dropout, targetModules: [...targetModules] };
  return trainHead || task.trainsHead ? { ...lora, taskType: "SEQ_CLS" } : lora;
}

/**
 * Arguments of a run's Trainer: it evaluates and saves after each epoch and loads the best checkpoint at the end, whose
 * result is the run's.
 *
 * @param run.outputDir folder of the checkpoints
 * @param run.trainRows number of training rows
 */
export function argumentsFor(
  settings: TrainingSettings & Partial<Pick<RunParameters, "workers" | "workerHosts" | "workerTimeout">>,
  run: { outputDir: string; sources: Sources; task: RunTask; trainRows: number },
): TrainingArguments {
  const { epochs, batchSize, optim, seed, workers = 1, workerHosts = [], workerTimeout } = settings;
  const stepRows = batchSize * (workerHosts.length || workers);
  return {
    outputDir: run.outputDir,
    optim,
    learningRate: learningRateFor(settings, run.sources),
    perDeviceTrainBatchSize: batchSize,
    perDeviceEvalBatchSize: batchSize,
    numTrainEpochs: epochs,
    evalStrategy: "epoch",
    saveStrategy: "epoch",
    loadBestModelAtEnd: true,
    metricForBestModel: run.task.metricForBestModel,
    loggingSteps: Math.max(1, Math.ceil((run.trainRows * epochs) / stepRows / LOG_ENTRIES)),
    seed,
    ...{ workers, workerHosts, workerTimeout },
  };
}
