/** Layer norm, alone and at the end of a block. Axes: tokens, hidden. */
import { differentiable, type Learnable } from "../autodiff";
import { type DropoutKey, type DropoutStream, drawMask, keyTensor, maskOf } from "../dropout";
import { fusedKernels } from "../native/library";
import { cast, type FloatDtype, floatDtype, rawOps } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";
import type { Projection } from "./linear";
import { normalize, normalizeGradient, normalOf } from "./normalize";

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
      const { normal, saved } = normalize(x, eps);
      save?.(...saved);
      return tf.add(tf.mul(normal, weight.value), bias.value);
    },
    backward: (dy, saved) => [
      () => normalizeGradient(tf.mul(dy, weight.value), saved, eps),
      () => tf.sum(tf.mul(dy, normalOf(saved, eps)), 0),
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
  const implementation = fusedKernels() ? FUSED : COMPOSED;
  const input: BlockEnd = { product, bias, residual, weight, shift, eps, rate, key, dtype };
  return differentiable([product, bias, residual, weight, shift], {
    forward(save) {
      const { y, saved } = implementation.forward(input, save !== undefined);
      save?.(...saved);
      return y;
    },
    backward(given, saved) {
      const dy = cast(given, "float32");
      const { dProduct, dResidual } = implementation.backward(dy, saved, input);
      return [
        dProduct,
        () => tf.sum(cast(dProduct, "float32"), 0),
        dResidual,
        () => tf.sum(tf.mul(dy, implementation.normal(saved, eps)), 0),
        () => tf.sum(dy, 0),
      ];
    },
  });
}

/** Input of an implementation; `product` and `residual` in the forward pass only. */
interface BlockEnd {
  product: Tensor2D;
  bias: Learnable;
  residual: Tensor2D;
  weight: Learnable;
  shift: Learnable;
  eps: number;
  rate: number;
  /** Key of the dropout mask; undefined where nothing is dropped. */
  key: DropoutKey | undefined;
  /** The product's dtype, and its gradient's. */
  dtype: FloatDtype;
}

interface Implementation {
  forward(input: BlockEnd, save: boolean): { y: Tensor; saved: Tensor[] };
  backward(dy: Tensor, saved: readonly Tensor[], input: BlockEnd): { dProduct: Tensor; dResidual: Tensor };
  /** The normalized matrix, for the weight's gradient. */
  normal(saved: readonly Tensor[], eps: number): Tensor;
}

const FUSED: Implementation = {
  forward(input, save) {
    const { product, bias, residual, weight, shift, eps, rate, key, dtype } = input;
    const attributes = { rate: { number: rate }, epsilon: { number: eps }, save: { flag: save }, T: { dtype } };
    const inputs = [product, bias.value, residual, weight.value, shift.value, keyTensor(key)];
    const [y, ...saved] = rawOps("EthicsAddNorm", attributes, inputs, 3) as [Tensor, Tensor, Tensor];
    return { y, saved };
  },
  backward(dy, saved, { weight, rate, key, dtype }) {
    const inputs = [dy, ...saved, weight.value, keyTensor(key)];
    const attributes = { rate: { number: rate }, T: { dtype } };
    const [dProduct, dResidual] = rawOps("EthicsAddNormGradient", attributes, inputs, 2) as [Tensor, Tensor];
    return { dProduct, dResidual };
  },
  normal: (saved) => saved[0] as Tensor,
};

const COMPOSED: Implementation = {
  forward({ product, bias, residual, weight, shift, eps, rate, key }) {
    const block = tf.add(cast(product, "float32"), bias.value);
    const mask = key && drawMask(block.shape, rate, key);
    const { normal, saved } = normalize(tf.add(mask ? mask.apply(block) : block, residual), eps);
    return { y: tf.add(tf.mul(normal, weight.value), shift.value), saved: mask ? [...saved, mask.kept] : saved };
  },
  backward(dy, saved, { weight, eps, rate, key, dtype }) {
    const own = key ? saved.slice(0, -1) : saved;
    const dResidual = normalizeGradient(tf.mul(dy, weight.value), own, eps);
    const dBlock = key ? maskOf(saved.at(-1) as Tensor, rate).apply(dResidual) : tf.clone(dResidual);
    return { dProduct: cast(dBlock, dtype), dResidual };
  },
  normal: normalOf,
};
