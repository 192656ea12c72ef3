/** Steps of an update rule on plain arrays. */
import { tf } from "../../lib/tensor/tensorflow";
import type { UpdateRule } from "../../lib/train/optim/adamw";

/** The learning rate of the fixtures in optimizer/. */
export const RATE = 2e-3;

/** @returns the parameters after each of the steps, one a gradient */
export function runRule(
  rule: UpdateRule,
  start: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  learningRate: number = RATE,
): Float32Array[] {
  let values = Float32Array.from(start);
  return gradients.map((gradient, i) => {
    values = tf.tidy(() => {
      const [p, g] = [tf.tensor1d(values), tf.tensor1d(Float32Array.from(gradient))];
      return rule.update(p, g, { count: i + 1, learningRate }).dataSync() as Float32Array<ArrayBuffer>;
    });
    return values;
  });
}
