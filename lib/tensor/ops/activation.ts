/** Activations. Axes: tokens, inner. */
import { differentiable } from "../autodiff";
import { fusedKernels } from "../native/library";
import { cast, floatDtype, rawOp, rawOps } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";
import type { Projection } from "./linear";

/** Exact GELU, x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016), of a projection, in its dtype. */
export function gelu({ product, bias }: Projection): Tensor2D {
  const dtype = floatDtype(product);
  return differentiable([product, bias], {
    forward(save) {
      if (fusedKernels()) {
        const attributes = { save: { flag: save !== undefined }, T: { dtype } } as const;
        const [y, slope] = rawOps("EthicsBiasGelu", attributes, [product, bias.value], 2) as [Tensor, Tensor];
        save?.(slope);
        return y;
      }
      const x = tf.add(cast(product, "float32"), bias.value);
      const root = tf.mul(x, Math.SQRT1_2);
      const below = tf.mul(tf.add(tf.erf(root), 1), 0.5);
      // The slope Φ(x) + x·φ(x) is kept instead of x: the same memory, and erf is not computed twice.
      if (save) {
        const density = tf.mul(tf.exp(tf.neg(tf.square(root))), 1 / Math.sqrt(2 * Math.PI));
        save(cast(tf.add(below, tf.mul(x, density)), dtype));
      }
      return cast(tf.mul(x, below), dtype);
    },
    backward(dy, [slope]) {
      const dx = multiply(cast(dy, dtype), slope as Tensor);
      return [dx, () => tf.sum(cast(dx, "float32"), 0)];
    },
  });
}

/** a · b, element by element, of one dtype. */
function multiply(a: Tensor, b: Tensor): Tensor {
  const dtype = floatDtype(a);
  if (fusedKernels()) return rawOp("EthicsMultiply", { T: { dtype } }, [a, b]);
  return rawOp("Mul", { T: { dtype } }, [a, b]);
}

/** Hyperbolic tangent. Any shape. */
export function tanh(x: Tensor2D): Tensor2D {
  return differentiable([x], {
    forward(save) {
      const y = tf.tanh(x);
      save?.(y);
      return y;
    },
    backward: (dy, [y]) => [tf.mul(dy, tf.sub(1, tf.square(y as Tensor)))],
  });
}

/** max(x, 0). Any shape. */
export function relu(x: Tensor2D): Tensor2D {
  return differentiable([x], {
    forward(save) {
      save?.(tf.step(x));
      return tf.relu(x);
    },
    backward: (dy, [open]) => [tf.mul(dy, open as Tensor)],
  });
}
