/** Losses of classifiers, by the kind of their problem. */
import type { Label, LabelKind } from "../data/labels";
import { differentiable } from "../tensor/autodiff";
import { type Tensor, type Tensor2D, tf } from "../tensor/tensorflow";

/**
 * Mean cross entropy of a batch.
 *
 * @param logits [batch, labels]
 * @param labels the right label of each row
 * @returns a scalar tensor, to be disposed by the caller
 */
export function crossEntropy(logits: Tensor2D, labels: readonly number[]): Tensor {
  const [batch, count] = logits.shape;
  return differentiable([logits], {
    forward(save) {
      const target = tf.cast(tf.oneHot(tf.tensor1d([...labels], "int32"), count), "float32"); // [batch, labels]
      save?.(tf.sub(tf.softmax(logits), target));
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), -1)));
    },
    backward: (dy, [difference]) => [tf.mul(difference as Tensor, tf.div(dy, batch))],
  });
}

/**
 * Mean squared error over all outputs of a batch.
 *
 * @param logits [batch, labels]
 * @param targets a number for each output
 * @returns a scalar tensor, to be disposed by the caller
 */
export function meanSquaredError(logits: Tensor2D, targets: readonly Label[]): Tensor {
  return differentiable([logits], {
    forward(save) {
      const difference = tf.sub(logits, matrixOf(targets, logits)); // [batch, labels]
      save?.(difference);
      return tf.mean(tf.square(difference));
    },
    backward: (dy, [difference]) => [tf.mul(difference as Tensor, tf.div(tf.mul(dy, 2), logits.size))],
  });
}

/**
 * Mean binary cross entropy over all outputs of a batch.
 *
 * @param logits [batch, labels]
 * @param targets 0 or 1 for each output
 * @returns a scalar tensor, to be disposed by the caller
 */
export function binaryCrossEntropy(logits: Tensor2D, targets: readonly Label[]): Tensor {
  return differentiable([logits], {
    forward(save) {
      const target = matrixOf(targets, logits); // [batch, labels]
      save?.(tf.sub(tf.sigmoid(logits), target));
      return tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, target)));
    },
    backward: (dy, [difference]) => [tf.mul(difference as Tensor, tf.div(dy, logits.size))],
  });
}

function matrixOf(targets: readonly Label[], { shape }: Tensor2D): Tensor2D {
  return tf.tensor2d(targets.flat() as number[], shape, "float32");
}

/** The mean loss of a batch, as Hugging Face's models compute it for their `problem_type`; a scalar tensor. */
export function batchLoss(logits: Tensor2D, labels: readonly Label[], kind: LabelKind): Tensor {
  if (kind === "regression") return meanSquaredError(logits, labels);
  if (kind === "multi_label_classification") return binaryCrossEntropy(logits, labels);
  return crossEntropy(logits, labels as readonly number[]);
}

/** The loss of one row, from its logits. */
export function rowLoss(logits: ArrayLike<number>, label: Label, kind: LabelKind): number {
  if (kind === "single_label_classification") return rowCrossEntropy(logits, label as number);
  const targets = [label].flat() as number[];
  const term = (x: number, target: number): number =>
    kind === "regression" ? (x - target) ** 2 : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - x * target;
  return targets.reduce((sum, target, i) => sum + term(logits[i] as number, target), 0) / targets.length;
}

/** Cross entropy of one row, from its logits. */
export function rowCrossEntropy(logits: ArrayLike<number>, label: number): number {
  return negativeLogSoftmax(logits)[label] as number;
}

/** Cross entropy of one row for each possible label, from its logits. */
export function negativeLogSoftmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const largest = Math.max(...values);
  const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return values.map((value) => largest + total - value);
}
