/** What stands beside a low-rank update in its variants. Axes: tokens, out. */
import { differentiable, type Learnable } from "../autodiff";
import { cast, floatDtype } from "../raw-op";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "../tensorflow";

/** x + scaling · row, in the dtype of x. [tokens, out] */
export function addRow(x: Tensor2D, row: Learnable, scaling: number): Tensor2D {
  return differentiable([x, row], {
    forward: () => cast(tf.add(cast(x, "float32"), tf.mul(row.value, scaling)), floatDtype(x)),
    backward: (dy) => [() => tf.clone(dy), () => tf.mul(tf.sum(cast(dy, "float32"), 0), scaling)],
  });
}

/**
 * x · magnitude / norms, column by column, in the dtype of x; the norms count as constants (Liu et al., 2024, §4.3).
 *
 * @param magnitude [out]
 * @param norms [out]
 */
export function scaleColumns(x: Tensor2D, magnitude: Learnable, norms: Tensor1D): Tensor2D {
  const times = (tensor: Tensor, factors: Tensor): Tensor =>
    cast(tf.mul(cast(tensor, "float32"), factors), floatDtype(tensor));
  return differentiable([x, magnitude], {
    forward(save) {
      save?.(x, norms);
      return times(x, tf.div(magnitude.value, norms));
    },
    backward: (dy, [input, lengths]) => [
      () => times(dy, tf.div(magnitude.value, lengths as Tensor)),
      () => tf.div(tf.sum(tf.mul(cast(dy, "float32"), cast(input as Tensor, "float32")), 0), lengths as Tensor),
    ],
  });
}

/** a − b of equal shapes, in the dtype of a. */
export function difference(a: Tensor2D, b: Tensor2D): Tensor2D {
  return differentiable([a, b], {
    forward: () => cast(tf.sub(cast(a, "float32"), cast(b, "float32")), floatDtype(a)),
    backward: (dy) => [() => tf.clone(dy), () => tf.neg(dy)],
  });
}
