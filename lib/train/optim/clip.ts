/** Clipping of gradients by their global norm, as `torch.nn.utils.clip_grad_norm_` does it. */
import { type Tensor, tf } from "../../tensor/tensorflow";

/**
 * Scales gradients by min(1, maxNorm / (norm + 1e-6)), norm being the 2-norm of all of them together.
 *
 * @param gradients disposed
 * @param maxNorm 0 for gradients that stay as they are
 * @returns the scaled gradients and the norm before clipping, to be disposed by the caller
 */
export function clipGradNorm(gradients: Tensor[], maxNorm: number): { clipped: Tensor[]; norm: Tensor } {
  const [norm, ...clipped] = tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.addN(squares));
    if (maxNorm === 0) return [norm, ...gradients.map((gradient) => tf.clone(gradient))];
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return [norm, ...gradients.map((gradient) => tf.mul(gradient, factor))];
  });
  tf.dispose(gradients);
  return { clipped, norm: norm as Tensor };
}
