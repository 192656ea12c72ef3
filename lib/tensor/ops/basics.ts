/** Sums, rows of tables, and changes of dtype. */
import { differentiable, type Learnable } from "../autodiff";
import { gather, scatterSum } from "../raw-math";
import { cast, type FloatDtype, floatDtype } from "../raw-op";
import { type Tensor1D, type Tensor2D, tf } from "../tensorflow";

/** a + b of equal shapes. */
export function sum(a: Tensor2D, b: Tensor2D): Tensor2D {
  return differentiable([a, b], {
    forward: () => tf.add(a, b),
    // Copies of the handle, not of the data: each gradient is disposed on its own.
    backward: (dy) => [() => tf.clone(dy), () => tf.clone(dy)],
  });
}

/** Rows of a matrix or table by their index. [rows, hidden] → [tokens, hidden] */
export function gatherRows(from: Tensor2D | Learnable, indices: Tensor1D): Tensor2D {
  const table = (from instanceof tf.Tensor ? from : from.value) as Tensor2D;
  const rows = table.shape[0];
  return differentiable([from], {
    forward(save) {
      save?.(indices);
      return gather(table, indices);
    },
    backward: (dy, [places]) => [scatterSum(cast(dy, "float32"), places as Tensor1D, rows)],
  });
}

/** The same numbers in another dtype, rounded once for all that use them; `x` itself where it has this dtype already. */
export function asDtype(x: Tensor2D, dtype: FloatDtype): Tensor2D {
  const from = floatDtype(x);
  if (from === dtype) return x;
  return differentiable([x], {
    forward: () => cast(x, dtype),
    backward: (dy) => [floatDtype(dy) === from ? tf.clone(dy) : cast(dy, from)],
  });
}
