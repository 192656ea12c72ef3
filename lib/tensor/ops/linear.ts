/** Linear layers and the low-rank update beside them. Axes: tokens, in, out, rank. */
import { differentiable, type Learnable } from "../autodiff";
import { fusedKernels } from "../native/library";
import { matMul } from "../raw-math";
import { cast, floatDtype, rawOp } from "../raw-op";
import { type Tensor, type Tensor2D, tf } from "../tensorflow";

/** Output of a linear layer before its bias, which the next operation adds in the same pass. */
export interface Projection {
  /** [tokens, out] */
  product: Tensor2D;
  /** [out] */
  bias: Learnable;
}

/**
 * x · Wᵀ, in the dtype of the weight. [tokens, in] → [tokens, out]
 *
 * @param weight [out, in], as it lies in the file
 */
export function linear(x: Tensor2D, weight: Learnable): Tensor2D {
  return differentiable([x, weight], {
    forward(save) {
      if (weight.requiresGrad) save?.(x);
      return matMul(cast(x, floatDtype(weight.value)), weight.value, { b: true });
    },
    backward: (dy, [input]) => [
      () => matMul(cast(dy, floatDtype(weight.value)), weight.value),
      () => matMul(cast(dy, "float32"), cast(input as Tensor, "float32"), { a: true }),
    ],
  });
}

/** A projection with its bias, float32. */
export function addBias({ product, bias }: Projection): Tensor2D {
  return differentiable([product, bias], {
    forward: () => tf.add(cast(product, "float32"), bias.value),
    backward: (dy) => [() => tf.clone(dy), () => tf.sum(dy, 0)],
  });
}

/**
 * product + scaling · down · upᵀ (Hu et al., 2021), in the product's dtype.
 *
 * @param product [tokens, out]
 * @param down [tokens, rank]
 * @param up [out, rank]
 */
export function lowRankUpdate(product: Tensor2D, down: Tensor2D, up: Learnable, scaling: number): Tensor2D {
  return differentiable([product, down, up], {
    forward(save) {
      save?.(down);
      if (fusedKernels()) {
        const attributes = { scaling: { number: scaling }, T: { dtype: floatDtype(product) } } as const;
        return rawOp("EthicsLowRank", attributes, [product, down, up.value]);
      }
      const update = scaled(matMul(down, up.value, { b: true }), scaling);
      return cast(tf.add(cast(product, "float32"), update), floatDtype(product));
    },
    backward(dy, [input]) {
      return [
        () => tf.clone(dy),
        () => scaled(matMul(cast(dy, "float32"), up.value), scaling),
        () => scaled(matMul(cast(dy, "float32"), input as Tensor, { a: true }), scaling),
      ];
    },
  });
}

function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : tf.mul(x, factor);
}
