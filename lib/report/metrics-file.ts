import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic";
import type { TrainerState } from "../train/callbacks";

/** Loss and accuracy on one split. */
export interface SplitResult {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** Share of right answers, 0 to 1. */
  accuracy: number;
}

/**
 * The evaluation that speaks for a run: that of the best checkpoint where it was loaded at the end, else the last one.
 * @returns nothing when training was stopped before its first evaluation
 */
export function runEvaluation(state: TrainerState): SplitResult | undefined {
  const all = state.logHistory.flatMap(({ evalLoss, evalAccuracy }) =>
    evalLoss === undefined || evalAccuracy === undefined ? [] : [{ loss: evalLoss, accuracy: evalAccuracy }],
  );
  const best = state.bestModelCheckpoint === undefined ? undefined : state.bestMetric;
  return all.find(({ loss }) => loss === best) ?? all.at(-1);
}

/** What a run was and what came of it: the content of `metrics.json`. */
export interface RunMetrics {
  /** The model's id or folder. */
  model: string;
  /** The dataset's id or folder. */
  dataset: string;
  /** Which of the dataset's subsets. */
  config: string;
  trainSplit: string;
  evalSplit: string;
  /** Whether the embedded demo stood in for the model or the data. */
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
  /** Accuracy on the validation split; null when that split was not evaluated. */
  validation: { before: number | null; after: number | null };
  /** The best checkpoint's folder, or null. */
  bestCheckpoint: string | null;
  steps: number;
  epochs: number;
  /** Mean training loss over the run. */
  trainLoss: number;
  /** Tokens trained on. */
  tokens: number;
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
export const METRIC_KEYS: readonly (keyof RunMetrics)[] = [
  ...(["model", "dataset", "config", "trainSplit", "evalSplit", "demo", "rank", "alpha", "dropout"] as const),
  ...(["targetModules", "trainHead", "learningRate", "batchSize", "trainableParameters", "totalParameters"] as const),
  ...(["trainRows", "evalRows", "baseline", "final", "validation", "bestCheckpoint", "steps", "epochs"] as const),
  ...(["trainLoss", "tokens", "trainSeconds", "evalSeconds", "tokensPerSecond", "peakRssBytes"] as const),
  ...(["device", "dtype", "optim", "seed", "versions"] as const),
];

/** @returns the keys of `metrics.json` that a parsed file lacks */
export function missingMetrics(metrics: Record<string, unknown>): string[] {
  return METRIC_KEYS.filter((key) => metrics[key] === undefined);
}

/**
 * Writes `metrics.json` into the run folder, whole or not at all.
 * @returns the file's path
 */
export function writeRunMetrics(folder: string, metrics: RunMetrics): string {
  const file = join(folder, "metrics.json");
  const ordered = Object.fromEntries(METRIC_KEYS.map((key) => [key, metrics[key]]));
  writeFileAtomic(file, `${JSON.stringify(ordered, null, 2)}\n`);
  return file;
}
