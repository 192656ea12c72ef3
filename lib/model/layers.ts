/**
 * The layers of the encoder, each with a gradient that is computed only for inputs and parameters that need one.
 * Axes: batch, tokens, hidden, heads, headSize, inner, labels, rank. `in` and `out` are the two sides of a linear layer.
 */
import type { DropoutStream } from "../runtime/dropout";
import { matMul } from "../runtime/raw-op";
import { recordingGradients, type Tensor, type Tensor1D, type Tensor2D, tf } from "../runtime/tensorflow";
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
  return differentiable(
    bias === undefined ? [x, weight] : [x, weight, bias],
    (save) => {
      if (weight.requiresGrad) save(x);
      const product = matMul(x, weight.value, { b: true });
      return bias === undefined ? product : tf.add(product, bias.value);
    },
    (input) => [
      (dy) => matMul(dy, weight.value),
      (dy) => matMul(dy, input as Tensor, { a: true }),
      (dy) => tf.sum(dy, 0),
    ],
  );
}

/** A layer norm's two vectors. */
export interface LayerNormParameters {
  weight: Parameter;
  bias: Parameter;
  eps: number;
}

/** Layer norm over the last axis: biased variance, eps inside the root. [tokens, hidden] → [tokens, hidden] */
export function layerNorm(x: Tensor2D, { weight, bias, eps }: LayerNormParameters): Tensor2D {
  return differentiable(
    [x, weight, bias],
    (save) => {
      const centered = tf.sub(x, tf.mean(x, -1, true));
      const deviation = tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), eps)); // [tokens, 1]
      const normal = tf.mul(centered, deviation);
      save(normal, deviation);
      return tf.add(tf.mul(normal, weight.value), bias.value);
    },
    (normal, deviation) => [
      (dy) => {
        const scaled = tf.mul(dy, weight.value);
        const mean = tf.mean(scaled, -1, true);
        const slope = tf.mean(tf.mul(scaled, normal), -1, true);
        return tf.mul(deviation, tf.sub(tf.sub(scaled, mean), tf.mul(normal, slope)));
      },
      (dy) => tf.sum(tf.mul(dy, normal), 0),
      (dy) => tf.sum(dy, 0),
    ],
  );
}

/** Exact GELU, x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016). Any shape. */
export function gelu(x: Tensor2D): Tensor2D {
  return differentiable(
    [x],
    (save) => {
      const below = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      // The slope Φ(x) + x·φ(x) is kept instead of x: the same memory, and erf is not computed twice.
      if (recordingGradients()) {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        save(tf.add(below, tf.mul(x, density)));
      }
      return tf.mul(x, below);
    },
    (slope) => [(dy) => tf.mul(dy, slope)],
  );
}

/** a + b of equal shapes; unlike `tf.add` it keeps neither for the backward pass. */
export function sum(a: Tensor2D, b: Tensor2D): Tensor2D {
  return differentiable(
    [a, b],
    () => tf.add(a, b),
    // Copies of the handle, not of the data: tfjs disposes each gradient on its own.
    () => [(dy) => tf.clone(dy), (dy) => tf.clone(dy)],
  );
}

/** Rows of a table by their index. [tokens] → [tokens, hidden] */
export function embedding(table: Parameter, indices: Tensor1D): Tensor2D {
  return differentiable(
    [table],
    (save) => {
      save(indices);
      return tf.gather(table.value, indices);
    },
    (rows) => [(dy) => tf.unsortedSegmentSum(dy, rows as Tensor1D, table.shape[0] as number)],
  );
}

type Gradient = (dy: Tensor) => Tensor;

/**
 * `tf.customGrad` over those inputs that need a gradient: frozen parameters are left out, so nothing is computed for them.
 *
 * @param inputs tensors, or parameters
 * @param forward the value; `save` keeps tensors for the backward pass
 * @param gradients given what was saved, one function an input, in order
 */
export function differentiable<T extends Tensor>(
  inputs: readonly (Tensor | Parameter)[],
  forward: (save: (...tensors: Tensor[]) => void) => Tensor,
  gradients: (...saved: Tensor[]) => Gradient[],
): T {
  const learning = inputs.map((input) => input instanceof tf.Tensor || input.requiresGrad);
  const tensors = inputs.flatMap((input, i) => (learning[i] ? [input instanceof tf.Tensor ? input : input.value] : []));
  if (tensors.length === 0 || !recordingGradients()) return tf.tidy(() => forward(() => undefined)) as T;
  const operation = tf.customGrad((...args) => {
    const save = args[args.length - 1] as unknown as (kept: Tensor[]) => void;
    const value = forward((...kept) => save(kept));
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
      gradients(...saved).flatMap((gradient, i) => (learning[i] ? [gradient(dy)] : []));
    return { value, gradFunc };
  });
  return operation(...tensors) as T;
}
