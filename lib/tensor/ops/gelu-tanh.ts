/** The approximate GELU. Axes: tokens, inner. */
import { differentiable } from "../autodiff";
import { cast, floatDtype } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";
import type { Projection } from "./linear";

/** Cubic term, and √(2/π). */
const [CUBE, ROOT] = [0.044715, Math.sqrt(2 / Math.PI)];

/** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (Hendrycks and Gimpel, 2016) of a projection, in its dtype: `gelu_new`. */
export function geluTanh({ product, bias }: Projection): Tensor2D {
  const dtype = floatDtype(product);
  return differentiable([product, bias], {
    forward(save) {
      const x = tf.add(cast(product, "float32"), bias.value);
      const square = tf.square(x);
      const t = tf.tanh(tf.mul(tf.mul(x, tf.add(tf.mul(square, CUBE), 1)), ROOT));
      const below = tf.mul(tf.add(t, 1), 0.5);
      if (save) {
        const inner = tf.mul(tf.add(tf.mul(square, 3 * CUBE), 1), ROOT / 2);
        save(tf.add(below, tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), inner)));
      }
      return cast(tf.mul(x, below), dtype);
    },
    backward(dy, [slope]) {
      const dx = tf.mul(cast(dy, "float32"), slope as Tensor);
      return [cast(dx, dtype), () => tf.sum(dx, 0)];
    },
  });
}
