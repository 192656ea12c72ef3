/** Tells numbers from what an overflow or a damaged file leaves in their place. */
import { type Tensor, tf } from "./tensorflow";

/** Whether no number of a tensor is NaN or infinite. A finite sum says so at once; after any other each number is looked at. */
export function allFinite(tensor: Tensor): boolean {
  return tf.tidy(
    () => Number.isFinite(tf.sum(tensor).dataSync()[0]) || tf.all(tf.isFinite(tensor)).dataSync()[0] === 1,
  );
}
