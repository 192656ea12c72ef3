/** The loss of a classifier. */
import { differentiable } from "../runtime/autodiff";
import { type Tensor, type Tensor2D, tf } from "../runtime/tensorflow";

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

/** Cross entropy of one row, from its logits. */
export function rowCrossEntropy(logits: ArrayLike<number>, label: number): number {
  const largest = Math.max(...Array.from(logits));
  const total = Array.from(logits).reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return largest + Math.log(total) - (logits[label] as number);
}
