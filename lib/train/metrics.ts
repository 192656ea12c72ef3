/** Figures that say how good predictions are. */

/** What a metric function is given: a row each. With several outputs a row's label is an array, `EvalPrediction<number[]>`. */
export interface EvalPrediction<L = number> {
  /** Logits. [rows, labels] */
  predictions: readonly Float32Array[];
  /** The right labels. [rows] */
  labels: readonly L[];
}

/** Position of the largest value; the first of equals. */
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

/** Probabilities of logits. */
export function softmax(logits: ArrayLike<number>): number[] {
  const largest = Math.max(...Array.from(logits));
  const powers = Array.from(logits, (value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** Each logit as a probability of its own. */
export function sigmoid(logits: ArrayLike<number>): number[] {
  return Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
}
