/** Metrics of predictions, and what they are computed from. */
import type { Label } from "../data/labels";

/** Input of a metric function. Where each row has several labels, it is an `EvalPrediction<number[]>`. */
export interface EvalPrediction<L = number> {
  /** Logits. [rows, labels] */
  predictions: readonly Float32Array[];
  /** The right labels. [rows] */
  labels: readonly L[];
}

/** Computes metrics by name. */
export type ComputeMetrics = (prediction: EvalPrediction) => Record<string, number>;

/** Predictions of a split. */
export interface PredictionOutput {
  /** Logits. [rows, labels] */
  predictions: Float32Array[];
  /** The right labels. [rows] */
  labelIds: Label[];
  /** Metrics by name, without prefix. */
  metrics: Record<string, number>;
}

/** Index of the largest value, the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

/** Share of rows whose largest logit is the right label's, in [0, 1]. */
export function accuracy({ predictions, labels }: EvalPrediction): number {
  const right = predictions.filter((logits, i) => argmax(logits) === labels[i]).length;
  return right / predictions.length;
}

/** Logits as probabilities that sum to 1. */
export function softmax(logits: ArrayLike<number>): number[] {
  const largest = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** Each logit as an independent probability. */
export function sigmoid(logits: ArrayLike<number>): number[] {
  return Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
}

/**
 * Mean entropy of predictions in nats: 0 for certain predictions, ln 2 for undecided ones of two labels.
 *
 * @param probabilities of the labels, a row each: `classify`'s, or a prediction's `predictions.map(softmax)`
 */
export function meanEntropy(probabilities: readonly ArrayLike<number>[]): number {
  const entropy = (row: ArrayLike<number>): number =>
    Array.from(row).reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return probabilities.reduce((sum, row) => sum + entropy(row), 0) / probabilities.length;
}
