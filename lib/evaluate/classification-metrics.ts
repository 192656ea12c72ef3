/** Precision, recall and F1 with scikit-learn's meaning, the confusion matrix, and accuracy by the texts' length. */
import { argmax, type EvalPrediction } from "./metrics";

/** Precision, recall and F1 of one label, or their means over several. */
export interface Scores {
  /** TP / (TP + FP) */
  precision: number;
  /** TP / (TP + FN) */
  recall: number;
  /** Their harmonic mean. */
  f1: number;
}

/** Scores of one label; a ratio whose denominator is 0 is 0. */
export interface LabelScores extends Scores {
  /** Rows with this label. */
  support: number;
}

/** Counts of rows by right label (first index) and predicted label (second index). [labels, labels] */
export function confusionMatrix({ predictions, labels }: EvalPrediction): number[][] {
  const count = predictions[0]?.length ?? 0;
  const matrix = Array.from({ length: count }, () => Array<number>(count).fill(0));
  for (const [i, logits] of predictions.entries()) {
    const row = matrix[labels[i] as number] as number[];
    const predicted = argmax(logits);
    row[predicted] = (row[predicted] as number) + 1;
  }
  return matrix;
}

/** Scores of each label. [labels] */
export function labelScores(prediction: EvalPrediction): LabelScores[] {
  const matrix = confusionMatrix(prediction);
  return matrix.map((row, label) => {
    const right = row[label] as number;
    const support = sum(row);
    const predicted = sum(matrix.map((counts) => counts[label] as number));
    const f1 = ratio(2 * right, support + predicted);
    return { precision: ratio(right, predicted), recall: ratio(right, support), f1, support };
  });
}

/** Unweighted ("macro") means over the labels that occur among the right or the predicted ones. */
export function macroScores(prediction: EvalPrediction): Scores {
  const matrix = confusionMatrix(prediction);
  const occurs = (label: number): boolean => matrix.some((row, i) => (i === label ? sum(row) : row[label]) !== 0);
  const scores = labelScores(prediction).filter((_, label) => occurs(label));
  const mean = (figure: keyof Scores): number => ratio(sum(scores.map((each) => each[figure])), scores.length);
  return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
}

/** Accuracy of texts of similar length. */
export interface LengthAccuracy {
  /** Fewest tokens. */
  from: number;
  /** Most tokens. */
  to: number;
  rows: number;
  /** In [0, 1]; NaN without rows. */
  accuracy: number;
}

/**
 * Accuracy of each length class.
 *
 * @param lengths tokens of each row
 * @param limits longest length of each class but the last, ascending
 */
export function accuracyByLength(
  { predictions, labels }: EvalPrediction,
  lengths: readonly number[],
  limits: readonly number[],
): LengthAccuracy[] {
  const borders = [0, ...limits, Number.POSITIVE_INFINITY];
  return borders.slice(1).map((to, i) => {
    const after = borders[i] as number;
    const rows = [...lengths.keys()].filter(
      (row) => (lengths[row] as number) > after && (lengths[row] as number) <= to,
    );
    const right = rows.filter((row) => argmax(predictions[row] as Float32Array) === labels[row]).length;
    return { from: after + 1, to, rows: rows.length, accuracy: right / rows.length };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
