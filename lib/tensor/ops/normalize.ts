/** (x − mean) / √(variance + eps) over the last axis, out of TensorFlow's own operations. Axes: tokens, hidden. */
import { prefersFewOperations } from "../gpu-path";
import { meanLast } from "../raw-math";
import { rawOps } from "../raw-op";
import { type Tensor, tf } from "../tensorflow";

/** A normalized matrix, and what its gradient needs. */
export interface Normalized {
  normal: Tensor;
  saved: Tensor[];
}

/** Smallest eps that cuDNN accepts; it replaces a smaller one by this. */
const LEAST_FUSED_EPS = 1e-5;

/** @returns float32. [tokens, hidden] */
export function normalize(x: Tensor, eps: number): Normalized {
  if (isBatchNorm(eps)) return batchNorm(x, eps);
  const centered = tf.sub(x, meanLast(x));
  const deviation = tf.rsqrt(tf.add(meanLast(tf.square(centered)), eps)); // [tokens, 1]
  const normal = tf.mul(centered, deviation);
  return { normal, saved: [normal, deviation] };
}

/** @returns the gradient of x from that of the normalized matrix */
export function normalizeGradient(dNormal: Tensor, saved: readonly Tensor[], eps: number): Tensor {
  if (isBatchNorm(eps)) return batchNormGradient(dNormal, saved, eps);
  const [normal, deviation] = saved as [Tensor, Tensor];
  const slope = meanLast(tf.mul(dNormal, normal));
  return tf.mul(deviation, tf.sub(tf.sub(dNormal, meanLast(dNormal)), tf.mul(normal, slope)));
}

/** @returns the normalized matrix again, from what was saved */
export function normalOf(saved: readonly Tensor[], eps: number): Tensor {
  const [first] = saved as [Tensor];
  return isBatchNorm(eps) ? batchNorm(tf.reshape(first, first.shape.slice(1, 3)), eps).normal : first;
}

function isBatchNorm(eps: number): boolean {
  return eps >= LEAST_FUSED_EPS && prefersFewOperations();
}

// With each token as a channel, TensorFlow's batch norm is a layer norm in one operation.

const attributesOf = (eps: number) =>
  ({
    epsilon: { number: eps },
    data_format: { text: "NCHW" },
    is_training: { flag: true },
    T: { dtype: "float32" },
    U: { dtype: "float32" },
  }) as const;

function batchNorm(x: Tensor, eps: number): Normalized {
  const [tokens, hidden] = x.shape as [number, number];
  const [ones, zeros, none] = [tf.ones([tokens]), tf.zeros([tokens]), tf.tensor1d([])];
  const image = tf.reshape(x, [1, tokens, hidden, 1]);
  const inputs = [image, ones, zeros, none, none];
  const attributes = { ...attributesOf(eps), exponential_avg_factor: { number: 1 } };
  const [y, , , ...reserved] = rawOps("FusedBatchNormV3", attributes, inputs, 6) as [Tensor, ...Tensor[]];
  return { normal: tf.reshape(y, [tokens, hidden]), saved: [image, ...reserved] };
}

function batchNormGradient(dNormal: Tensor, [image, ...reserved]: readonly Tensor[], eps: number): Tensor {
  const [tokens, hidden] = dNormal.shape as [number, number];
  const dy = tf.reshape(dNormal, [1, tokens, hidden, 1]);
  const inputs = [dy, image as Tensor, tf.ones([tokens]), ...reserved];
  const [dx] = rawOps("FusedBatchNormGradV3", attributesOf(eps), inputs, 5) as [Tensor, ...Tensor[]];
  return tf.reshape(dx, [tokens, hidden]);
}
