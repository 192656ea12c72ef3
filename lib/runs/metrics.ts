/** Results of a run: the content of `metrics.json`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FIGURE_NAMES, type FigureKey } from "../ethics/parts";
import { DEFAULT_DATASET, DEFAULT_MODEL, type Sources } from "../ethics/sources";
import type { PredictionOutput } from "../evaluate/metrics";
import { writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { readJson } from "../files/json";
import type { ParameterCounts } from "../lora/peft-model";
import type { DeviceInfo, MemoryUse } from "../tensor/device";
import { evaluationKey } from "../train/best-metric";
import type { TrainerState } from "../train/callbacks";
import type { TrainOutput } from "../train/trainer-types";
import { runPaths } from "./run-folder";

/** Metrics of parts of ETHICS other than accuracy, each 0 to 1. */
export type PartFigures<T = number> = { [Key in FigureKey]?: T };

const FIGURES = Object.keys(FIGURE_NAMES) as FigureKey[];

/** Loss, accuracy and the part's own metric on one split. */
export interface SplitResult extends PartFigures {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** Share of correct answers, 0 to 1. */
  accuracy: number;
}

/** A metric before and after training; null if the split was not evaluated. */
export interface Change {
  before: number | null;
  after: number | null;
}

/** Settings and results of a run: the content of `metrics.json`. */
export interface RunMetrics {
  /** The model's id or folder. */
  model: string;
  /** The dataset's id or folder. */
  dataset: string;
  /** Part of the dataset. */
  config: string;
  trainSplit: string;
  evalSplit: string;
  /** Whether the embedded demo was used for the model or the data. */
  demo: boolean;
  /** LoRA's r. */
  rank: number;
  alpha: number;
  dropout: number;
  targetModules: string[];
  /** Whether the classification head was trained too. */
  trainHead: boolean;
  learningRate: number;
  batchSize: number;
  trainableParameters: number;
  totalParameters: number;
  trainRows: number;
  evalRows: number;
  /** On the evaluation split, before training. */
  baseline: SplitResult;
  /** On the evaluation split, after training. */
  final: SplitResult;
  /** Accuracy on the validation split, and the part's own metric. */
  validation: Change & PartFigures<Change>;
  bestCheckpoint: string | null;
  steps: number;
  epochs: number;
  /** Mean training loss over the run. */
  trainLoss: number;
  tokens: number;
  /** Seconds of the training, including the evaluations after each epoch; for a resumed run, since it was resumed. */
  trainSeconds: number;
  /** Seconds of one evaluation of the evaluation split. */
  evalSeconds: number;
  tokensPerSecond: number;
  peakRssBytes: number;
  device: string;
  dtype: string;
  optim: string;
  seed: number;
  versions: { node: string; tensorflow: string; tfjs: string; project: string };
}

/** Every key of `metrics.json`, in its order. */
// biome-ignore format: short words in rows
export const METRIC_KEYS: readonly (keyof RunMetrics)[] = [
  "model", "dataset", "config", "trainSplit", "evalSplit", "demo", "rank", "alpha", "dropout", "targetModules",
  "trainHead", "learningRate", "batchSize", "trainableParameters", "totalParameters", "trainRows", "evalRows",
  "baseline", "final", "validation", "bestCheckpoint", "steps", "epochs", "trainLoss", "tokens", "trainSeconds",
  "evalSeconds", "tokensPerSecond", "peakRssBytes", "device", "dtype", "optim", "seed", "versions",
];

/** @returns the keys of `metrics.json` that a parsed file lacks */
export function missingMetrics(metrics: Record<string, unknown>): string[] {
  return METRIC_KEYS.filter((key) => metrics[key] === undefined);
}

/** A finished run, as the notebook has it. */
export interface FinishedRun
  extends Pick<RunMetrics, "config" | "trainSplit" | "evalSplit" | "rank" | "alpha" | "dropout" | "targetModules">,
    Pick<RunMetrics, "trainHead" | "learningRate" | "batchSize" | "epochs" | "dtype" | "optim" | "seed"> {
  /** The `model` parameter; may be empty. */
  model: string;
  /** The `dataset` parameter; may be empty. */
  dataset: string;
  sources: Sources;
  counts: { trainRows: number; evalRows: number } & ParameterCounts;
  /** What `evaluate` returned before training. */
  baseline: Record<string, number>;
  trained: TrainOutput;
  /** After training. */
  state: TrainerState;
  /** Predictions of the validation split, if there is one. */
  validation: { before: PredictionOutput | undefined; after: PredictionOutput | undefined };
  device: DeviceInfo;
  memory: MemoryUse;
}

/** Converts a result of `evaluate` to the names of `metrics.json`. */
export function splitResult(evaluation: Record<string, number>): SplitResult {
  const { evalLoss = Number.NaN, evalAccuracy = Number.NaN } = evaluation;
  const own = FIGURES.map((name) => [name, evaluation[evaluationKey(name)]]).filter(([, value]) => value !== undefined);
  return { loss: evalLoss, accuracy: evalAccuracy, ...Object.fromEntries(own) };
}

/**
 * The evaluation that is a run's result: that of the best checkpoint if it was loaded at the end, else the last one.
 * @throws when training was stopped before its first evaluation
 */
export function runEvaluation(state: TrainerState): SplitResult {
  const all = state.logHistory.filter(
    ({ evalLoss, evalAccuracy }) => evalLoss !== undefined && evalAccuracy !== undefined,
  );
  const best = state.loadedCheckpoint === undefined ? undefined : state.bestGlobalStep;
  const found = all.find(({ step }) => step === best) ?? all.at(-1);
  if (!found) throw new Error("`state`: expected an evaluation in its log, got none. Call `evaluate` first.");
  return splitResult(found);
}

function validationResult({ before, after }: FinishedRun["validation"]): RunMetrics["validation"] {
  const change = (name: string): Change => ({
    before: before?.metrics[name] ?? null,
    after: after?.metrics[name] ?? null,
  });
  const own = FIGURES.filter((name) => after?.metrics[name] !== undefined);
  return { ...change("accuracy"), ...Object.fromEntries(own.map((name) => [name, change(name)])) };
}

/** Version of this library, as in package.json. */
export function projectVersion(): string {
  const file = join(__dirname, "../../package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** Converts a finished run to the content of `metrics.json`. */
export function runMetrics(run: FinishedRun): RunMetrics {
  const { sources, counts, trained, state, baseline, validation, device, memory } = run;
  const seconds = trained.metrics.trainRuntime ?? 0;
  const all: RunMetrics = {
    ...run,
    model: run.model || (sources.demo.model ? "data/demo/model" : DEFAULT_MODEL),
    dataset: run.dataset || (sources.demo.dataset ? "data/demo/ethics" : DEFAULT_DATASET),
    demo: sources.demo.model || sources.demo.dataset,
    trainableParameters: counts.trainable,
    totalParameters: counts.all,
    trainRows: counts.trainRows,
    evalRows: counts.evalRows,
    baseline: splitResult(baseline),
    final: runEvaluation(state),
    validation: validationResult(validation),
    bestCheckpoint: state.bestModelCheckpoint ?? null,
    steps: trained.globalStep,
    trainLoss: trained.trainingLoss,
    tokens: state.tokensSeen,
    trainSeconds: seconds,
    evalSeconds: baseline.evalRuntime ?? Number.NaN,
    tokensPerSecond: trained.metrics.trainTokensPerSecond ?? Number.NaN,
    peakRssBytes: memory.peakRssBytes,
    device: device.device,
    versions: { node: device.node, tensorflow: device.tensorflow, tfjs: device.tfjs, project: projectVersion() },
  };
  return Object.fromEntries(METRIC_KEYS.map((key) => [key, all[key]])) as unknown as RunMetrics;
}

/**
 * Writes `metrics.json` into the run folder, whole or not at all.
 * @returns what it wrote
 */
export function writeRunMetrics(folder: string, run: FinishedRun): RunMetrics {
  const metrics = runMetrics(run);
  writeFileAtomic(runPaths(folder).metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  return metrics;
}

/**
 * Reads `metrics.json` of a finished run.
 * @throws {FileFormatError} it is missing or lacks a key
 */
export function readRunMetrics(folder: string): RunMetrics {
  const file = runPaths(folder).metrics;
  if (!existsSync(file)) {
    throw new FileFormatError(file, "expected a finished run with metrics.json, got none. `npm start` makes one.");
  }
  const metrics = readJson(file);
  const missing = missingMetrics(metrics);
  if (missing.length > 0) throw new FileFormatError(file, `expected every key, got none for ${missing.join(", ")}.`);
  return metrics as unknown as RunMetrics;
}
