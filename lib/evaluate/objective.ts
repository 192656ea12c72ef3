/** Losses that replace the model's own: label smoothing and class weights. */
import type { TokenizedRow } from "../data/rows";
import { type ModelConfig, problemTypeOf } from "../model/config";
import { differentiable } from "../tensor/autodiff";
import { type Tensor, type Tensor2D, tf } from "../tensor/tensorflow";
import { negativeLogSoftmax } from "./loss";

type Labels = readonly Pick<TokenizedRow, "label">[];

/** Settings of {@link objectiveOf}. */
export interface ObjectiveOptions {
  /** Share of the target that is spread evenly over all labels, in [0, 1). */
  labelSmoothingFactor: number;
  /** Weight of each label's rows; empty for equal weights. [labels] */
  classWeights: readonly number[];
}

/** A loss of single-label rows. */
export interface Objective {
  /**
   * The part of its step's loss that a forward pass contributes.
   *
   * @param logits [batch, labels]
   * @param pass the rows of the pass
   * @param step all rows of the step
   * @returns a scalar tensor, to be disposed by the caller
   */
  ofPass(logits: Tensor2D, pass: Labels, step: Labels): Tensor;
  /** The loss of evaluated rows, from their logits. */
  ofRows(logits: readonly ArrayLike<number>[], rows: Labels): number;
}

/**
 * The loss that the settings ask for; undefined for the model's own.
 *
 * Label smoothing is that of transformers' `LabelSmoother`, class weights those of torch's `CrossEntropyLoss(weight)`; both
 * are means over all rows of the step.
 *
 * @throws {RangeError} the model does not have one label a row, or the number of class weights is not that of its labels
 */
export function objectiveOf(
  { labelSmoothingFactor, classWeights }: ObjectiveOptions,
  config: ModelConfig,
): Objective | undefined {
  if (labelSmoothingFactor === 0 && classWeights.length === 0) return undefined;
  const labels = config.id2label.length;
  if (problemTypeOf(config) !== "single_label_classification") {
    const what = classWeights.length > 0 ? "classWeights" : "labelSmoothingFactor";
    throw new RangeError(`\`${what}\`: expected a model of one label a row, got one for ${problemTypeOf(config)}.`);
  }
  if (classWeights.length > 0 && classWeights.length !== labels) {
    throw new RangeError(`\`classWeights\`: expected ${labels} numbers, got ${classWeights.length}.`);
  }
  const weightOf = ({ label }: Labels[number]): number => classWeights[label as number] ?? 1;
  const total = (rows: Labels): number => rows.reduce((sum, row) => sum + weightOf(row), 0);
  const spread = labelSmoothingFactor / labels;
  const target = ({ label }: Labels[number]): number[] =>
    Array.from({ length: labels }, (_, i) => spread + (i === label ? 1 - labelSmoothingFactor : 0));
  return {
    ofPass: (logits, pass, step) => {
      const all = total(step);
      // A step whose rows all have the weight 0 has no gradient.
      const weights = pass.map((row) => (all === 0 ? 0 : weightOf(row) / all));
      return softCrossEntropy(logits, pass.map(target), weights);
    },
    ofRows: (logits, rows) =>
      rows.reduce((sum, row, i) => {
        const losses = negativeLogSoftmax(logits[i] as ArrayLike<number>);
        return sum + weightOf(row) * target(row).reduce((loss, share, k) => loss + share * (losses[k] as number), 0);
      }, 0) / total(rows),
  };
}

/**
 * Weighted sum of the rows' cross entropies, each with a distribution over the labels as its target.
 *
 * @param targets distributions, each with the sum 1. [batch, labels]
 * @param weights [batch]
 */
function softCrossEntropy(logits: Tensor2D, targets: number[][], weights: number[]): Tensor {
  return differentiable([logits], {
    forward(save) {
      const target = tf.tensor2d(targets);
      const weight = tf.expandDims(tf.tensor1d(weights), 1); // [batch, 1]
      save?.(tf.mul(tf.sub(tf.softmax(logits), target), weight));
      return tf.neg(tf.sum(tf.mul(tf.mul(tf.logSoftmax(logits), target), weight)));
    },
    backward: (dy, [gradient]) => [tf.mul(gradient as Tensor, dy)],
  });
}
