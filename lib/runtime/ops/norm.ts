/** Layer norm, alone and at the end of a block. Axes: tokens, hidden. */
import { differentiable, type Learnable } from "../autodiff";
import { applyMask, type DropoutKey, type DropoutStream, keyTensor } from "../dropout";
import { fusedKernels } from "../kernels";
import { cast, floatDtype, rawOps } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";
import type { Projection } from "./linear";

/** A layer norm's two vectors. */
export interface LayerNormParameters {
  weight: Learnable;
  bias: Learnable;
  eps: number;
}

/** Layer norm over the last axis: biased variance, eps inside the root. [tokens, hidden] → [tokens, hidden] */
export function layerNorm(x: Tensor2D, { weight, bias, eps }: LayerNormParameters): Tensor2D {
  return differentiable([x, weight, bias], {
    forward(save) {
      const { y, normal, deviation } = normalize(x, weight, bias, eps);
      save?.(normal, deviation);
      return y;
    },
    backward: (dy, [normal, deviation]) => [
      () => normalizeGradient(dy, normal as Tensor, deviation as Tensor, weight),
      () => tf.sum(tf.mul(dy, normal as Tensor), 0),
      () => tf.sum(dy, 0),
    ],
  });
}

/** The end of a block: norm(residual + dropout(projection)), float32. [tokens, hidden] */
export function addNorm(
  { product, bias }: Projection,
  residual: Tensor2D,
  norm: LayerNormParameters,
  options: { rate: number; dropout: DropoutStream | undefined },
): Tensor2D {
  const { weight, bias: shift, eps } = norm;
  const key = options.rate > 0 ? options.dropout?.next() : undefined;
  const rate = key === undefined ? 0 : options.rate;
  const dtype = floatDtype(product);
  const blockGradient = fusedKernels() ? fusedGradient : composedGradient;
  return differentiable([product, bias, residual, weight, shift], {
    forward(save) {
      if (fusedKernels()) {
        const attributes = { rate: { number: rate }, epsilon: { number: eps }, save: { flag: save !== undefined } };
        const [y, normal, deviation] = rawOps(
          "EthicsAddNorm",
          { ...attributes, T: { dtype } },
          [product, bias.value, residual, weight.value, shift.value, keyTensor(key)],
          3,
        ) as [Tensor, Tensor, Tensor];
        save?.(normal, deviation);
        return y;
      }
      const dropped = masked(tf.add(cast(product, "float32"), bias.value), rate, key);
      const { y, normal, deviation } = normalize(tf.add(dropped, residual), weight, shift, eps);
      save?.(normal, deviation);
      return y;
    },
    backward(given, [normal, deviation]) {
      const dy = cast(given, "float32");
      const [dProduct, dResidual] = blockGradient(dy, normal as Tensor, deviation as Tensor);
      return [
        dProduct,
        () => tf.sum(cast(dProduct, "float32"), 0),
        dResidual,
        () => tf.sum(tf.mul(dy, normal as Tensor), 0),
        () => tf.sum(dy, 0),
      ];
    },
  });

  function fusedGradient(dy: Tensor, normal: Tensor, deviation: Tensor): [Tensor, Tensor] {
    const inputs = [dy, normal, deviation, weight.value, keyTensor(key)];
    const attributes = { rate: { number: rate }, T: { dtype } } as const;
    return rawOps("EthicsAddNormGradient", attributes, inputs, 2) as [Tensor, Tensor];
  }

  function composedGradient(dy: Tensor, normal: Tensor, deviation: Tensor): [Tensor, Tensor] {
    const gradient = normalizeGradient(dy, normal, deviation, weight);
    const dropped = masked(gradient, rate, key);
    return [dropped === gradient ? cast(tf.clone(gradient), dtype) : cast(dropped, dtype), gradient];
  }
}

function masked(x: Tensor, rate: number, key: DropoutKey | undefined): Tensor {
  return key === undefined ? x : applyMask(x, rate, key);
}

function normalize(
  x: Tensor,
  weight: Learnable,
  bias: Learnable,
  eps: number,
): { y: Tensor; normal: Tensor; deviation: Tensor } {
  const centered = tf.sub(x, tf.mean(x, -1, true));
  const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), eps)); // [tokens, 1]
  const normal = tf.mul(centered, deviation);
  return { y: tf.add(tf.mul(normal, weight.value), bias.value), normal, deviation };
}

function normalizeGradient(dy: Tensor, normal: Tensor, deviation: Tensor, weight: Learnable): Tensor {
  const scaled = tf.mul(dy, weight.value);
  const mean = tf.mean(scaled, -1, true);
  const slope = tf.mean(tf.mul(scaled, normal), -1, true);
  return tf.mul(deviation, tf.sub(tf.sub(scaled, mean), tf.mul(normal, slope)));
}
