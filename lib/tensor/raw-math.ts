/**
 * Operations that tfjs lacks, or wraps in casts and reshapes, each of which costs a launch on a GPU.
 * None is recorded for gradients.
 */
import { cast, floatDtype, rawOp } from "./raw-op";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "./tensorflow";

/** Matrix product of two rank-2 tensors of one dtype, float32 or bfloat16; summed in float32, rounded to the nearest. */
export function matMul(a: Tensor, b: Tensor, transpose: Transpose = {}): Tensor {
  if (floatDtype(a) === "float32" || roundsProducts()) return product(a, b, transpose);
  return tf.tidy(() => cast(product(cast(a, "float32"), cast(b, "float32"), transpose), "bfloat16"));
}

interface Transpose {
  a?: boolean;
  b?: boolean;
}

function product(a: Tensor, b: Tensor, transpose: Transpose): Tensor {
  return rawOp(
    "MatMul",
    {
      transpose_a: { flag: transpose.a ?? false },
      transpose_b: { flag: transpose.b ?? false },
      T: { dtype: floatDtype(a) },
    },
    [a, b],
  );
}

let isRounding: boolean | undefined;

/**
 * Whether TensorFlow rounds products in bfloat16. On a processor without instructions for them it multiplies in float32 and
 * truncates, which makes every product too small, by 0.28 % on average.
 */
function roundsProducts(): boolean {
  isRounding ??= tf.tidy(() => {
    // 3 · 173 = 519 lies between the bfloat16 numbers 516 and 520.
    const [ones, values] = [tf.fill([16, 3], 1), tf.fill([3, 16], 173)].map((x) => cast(x, "bfloat16"));
    return cast(product(ones as Tensor, values as Tensor, {}), "float32")
      .dataSync()
      .every((value) => value === 520);
  });
  return isRounding;
}

/** Products of two float32 tensors summed over the axes that the result lacks, e.g. "bqhs,bkhs->bhqk". */
export function einsum(equation: string, a: Tensor, b: Tensor): Tensor {
  return rawOp("Einsum", { equation: { text: equation }, N: { integer: 2 }, T: { dtype: "float32" } }, [a, b]);
}

/** Where `condition` (bool) holds the elements of `a`, elsewhere 0. */
export function keepWhere(condition: Tensor, a: Tensor): Tensor {
  return tf.tidy(() => rawOp("SelectV2", { T: { dtype: "float32" } }, [condition, a, tf.scalar(0)]));
}

/** Index of the first entry of an ascending vector that is greater than each value: int32, in the shape of `values`. */
export function upperBound(ascending: Tensor, values: Tensor): Tensor {
  return tf.tidy(() =>
    rawOp("UpperBound", { T: { dtype: "float32" }, out_type: { dtype: "int32" } }, [
      ascending.reshape([1, ascending.size]),
      values.reshape([1, values.size]),
    ]).reshape(values.shape),
  );
}

/**
 * Uniform draws in [0, 1) that depend on the key alone (TensorFlow's stateless Philox generator).
 *
 * @param key two 32-bit integers
 */
export function statelessUniform(shape: number[], key: readonly [number, number]): Tensor {
  return tf.tidy(() =>
    rawOp("StatelessRandomUniform", { dtype: { dtype: "float32" }, T: { dtype: "int32" }, Tseed: { dtype: "int32" } }, [
      tf.tensor1d(shape, "int32"),
      tf.tensor1d([key[0] | 0, key[1] | 0], "int32"),
    ]),
  );
}

/** Mean over the last axis, which stays with size 1. float32. */
export function meanLast(x: Tensor): Tensor {
  return reduceLast("Mean", x);
}

/** Sum over the last axis, which stays with size 1. float32. */
export function sumLast(x: Tensor): Tensor {
  return reduceLast("Sum", x);
}

function reduceLast(name: "Mean" | "Sum", x: Tensor): Tensor {
  const attributes = { keep_dims: { flag: true }, T: { dtype: "float32" }, Tidx: { dtype: "int32" } } as const;
  return tf.tidy(() => rawOp(name, attributes, [x, tf.scalar(x.rank - 1, "int32")]));
}

/** Slices of a float32 tensor by their index on the first axis. [rows, …], [a, …] → [a, …, …] */
export function gather<T extends Tensor>(from: Tensor, indices: Tensor): T {
  const attributes = {
    batch_dims: { integer: 0 },
    Tparams: { dtype: "float32" },
    Tindices: { dtype: "int32" },
    Taxis: { dtype: "int32" },
  } as const;
  return tf.tidy(() => rawOp("GatherV2", attributes, [from, indices, tf.scalar(0, "int32")])) as T;
}

/** Adds each row to the row of the result at its index in `places`. [n, width] → [rows, width] */
export function scatterSum(x: Tensor, places: Tensor1D, rows: number): Tensor2D {
  const attributes = {
    T: { dtype: "float32" },
    Tindices: { dtype: "int32" },
    Tnumsegments: { dtype: "int32" },
  } as const;
  return tf.tidy(() => rawOp("UnsortedSegmentSum", attributes, [x, places, tf.scalar(rows, "int32")])) as Tensor2D;
}
