/**
 * The layers of the encoder, each with a gradient that is computed only for inputs and parameters that need one.
 * Axes: batch, tokens, hidden, heads, headSize, inner, labels, rank. `in` and `out` are the two sides of a linear layer.
 */
import { differentiable } from "../runtime/autodiff";
import type { DropoutStream } from "../runtime/dropout";
import { matMul } from "../runtime/raw-op";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "../runtime/tensorflow";
import type { Parameter } from "./parameters";

/** What a forward pass carries along. */
export interface ForwardContext {
  /** Dropout masks of this step; none when the model is evaluated. */
  dropout?: DropoutStream;
}

/** Anything that stands where a linear layer stands. */
export interface LinearLayer {
  /** Size of its input. */
  readonly inFeatures: number;
  /** Size of its output. */
  readonly outFeatures: number;
  /** @internal */
  forward(x: Tensor2D, context: ForwardContext): Tensor2D;
}

/** A place in the model that holds a linear layer: an adapter can take it and give it back. */
export interface LinearSlot {
  /** The module's path, e.g. "roberta.encoder.layer.0.attention.self.query". */
  readonly path: string;
  /** What stands there now. */
  layer: LinearLayer;
}

/** y = x · Wᵀ + b, with W as it lies in the file. [tokens, in] → [tokens, out] */
export class Linear implements LinearLayer {
  constructor(
    /** [out, in] */
    readonly weight: Parameter,
    /** [out] */
    readonly bias: Parameter,
  ) {}

  get inFeatures(): number {
    return this.weight.shape[1] as number;
  }

  get outFeatures(): number {
    return this.weight.shape[0] as number;
  }

  /** @internal */
  forward(x: Tensor2D): Tensor2D {
    return linear(x, this.weight, this.bias);
  }
}

/** x · Wᵀ (+ b). [tokens, in] → [tokens, out] */
export function linear(x: Tensor2D, weight: Parameter, bias?: Parameter): Tensor2D {
  return differentiable(bias === undefined ? [x, weight] : [x, weight, bias], {
    forward(save) {
      if (weight.requiresGrad) save?.(x);
      const product = matMul(x, weight.value, { b: true });
      return bias === undefined ? product : tf.add(product, bias.value);
    },
    backward: (dy, [input]) => [
      () => matMul(dy, weight.value),
      () => matMul(dy, input as Tensor, { a: true }),
      () => tf.sum(dy, 0),
    ],
  });
}

/** A layer norm's two vectors. */
export interface LayerNormParameters {
  weight: Parameter;
  bias: Parameter;
  eps: number;
}

/** Layer norm over the last axis: biased variance, eps inside the root. [tokens, hidden] → [tokens, hidden] */
export function layerNorm(x: Tensor2D, { weight, bias, eps }: LayerNormParameters): Tensor2D {
  return differentiable([x, weight, bias], {
    forward(save) {
      const centered = tf.sub(x, tf.mean(x, -1, true));
      const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), eps)); // [tokens, 1]
      const normal = tf.mul(centered, deviation);
      save?.(normal, deviation);
      return tf.add(tf.mul(normal, weight.value), bias.value);
    },
    backward(dy, [normal, deviation]) {
      return [
        () => layerNormGradient(dy, normal as Tensor, deviation as Tensor),
        () => tf.sum(tf.mul(dy, normal as Tensor), 0),
        () => tf.sum(dy, 0),
      ];
    },
  });

  function layerNormGradient(dy: Tensor, normal: Tensor, deviation: Tensor): Tensor {
    const scaled = tf.mul(dy, weight.value);
    const mean = tf.mean(scaled, -1, true);
    const slope = tf.mean(tf.mul(scaled, normal), -1, true);
    return tf.mul(deviation, tf.sub(tf.sub(scaled, mean), tf.mul(normal, slope)));
  }
}

/** Exact GELU, x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016). Any shape. */
export function gelu(x: Tensor2D): Tensor2D {
  return differentiable([x], {
    forward(save) {
      const below = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      // The slope Φ(x) + x·φ(x) is kept instead of x: the same memory, and erf is not computed twice.
      if (save) {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        save(tf.add(below, tf.mul(x, density)));
      }
      return tf.mul(x, below);
    },
    backward: (dy, [slope]) => [tf.mul(dy, slope as Tensor)],
  });
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

/** x times a number. Any shape. */
export function scale(x: Tensor2D, factor: number): Tensor2D {
  if (factor === 1) return x;
  return differentiable([x], {
    forward: () => tf.mul(x, factor),
    backward: (dy) => [tf.mul(dy, factor)],
  });
}

/** a + b of equal shapes. */
export function sum(a: Tensor2D, b: Tensor2D): Tensor2D {
  return differentiable([a, b], {
    forward: () => tf.add(a, b),
    // Copies of the handle, not of the data: each gradient is disposed on its own.
    backward: (dy) => [() => tf.clone(dy), () => tf.clone(dy)],
  });
}

/** Rows of a matrix or table by their index. [rows, hidden] → [tokens, hidden] */
export function gatherRows(from: Tensor2D | Parameter, indices: Tensor1D): Tensor2D {
  const table = (from instanceof tf.Tensor ? from : from.value) as Tensor2D;
  const rows = table.shape[0];
  return differentiable([from], {
    forward(save) {
      save?.(indices);
      return tf.gather(table, indices);
    },
    backward: (dy, [places]) => [tf.unsortedSegmentSum(dy, places as Tensor1D, rows)],
  });
}
