/** A linear layer with a low-rank update beside it (Hu et al., 2021). Axes: tokens, in, out, rank. */

import { type ForwardContext, Linear, type LinearInput, type LinearLayer } from "../model/linear";
import { Parameter } from "../model/parameters";
import { dropout } from "../tensor/dropout";
import { asDtype, sum } from "../tensor/ops/basics";
import { addRow, difference, scaleColumns } from "../tensor/ops/dora";
import { linear, lowRankUpdate, type Projection } from "../tensor/ops/linear";
import type { Mt19937 } from "../tensor/random";
import { matMul } from "../tensor/raw-math";
import { cast, floatDtype } from "../tensor/raw-op";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "../tensor/tensorflow";
import type { LoraConfig } from "./config";
import { firstValues } from "./first-values";

/**
 * y = base(x) + scaling · B(A(dropout(x))); the base stays as it is. With DoRA (Liu et al., 2024) the columns of what comes
 * before the bias are scaled to the lengths that the magnitudes say.
 */
export class LoraLinear implements LinearLayer {
  /** Its own weights, in the order of PEFT's files. */
  readonly parameters: readonly Parameter[];
  readonly #scaling: number;
  readonly #dropout: number;

  private constructor(
    /** The layer it adapts. */
    readonly base: Linear,
    /** [rank, in] */
    readonly loraA: Parameter,
    /** [out, rank] */
    readonly loraB: Parameter,
    /** B's bias and DoRA's magnitudes, [out], where the config wants them. */
    readonly vectors: { bias?: Parameter; magnitude?: Parameter },
    settings: { scaling: number; dropout: number },
  ) {
    this.#scaling = settings.scaling;
    this.#dropout = settings.dropout;
    const { bias, magnitude } = vectors;
    this.parameters = [loraA, loraB, bias, magnitude].filter((parameter) => parameter !== undefined);
  }

  /**
   * Wraps a layer. Unless the config says otherwise A is uniform in ±1/√in and B zero, so that the output does not change at first.
   *
   * @param path the layer's module path, for its rank, its scaling and the names of the two matrices
   * @param generator draws A as PEFT does with torch, which first draws values for both matrices and then overwrites them
   */
  static from(base: Linear, path: string, config: LoraConfig, generator: Mt19937): LoraLinear {
    const { inFeatures, outFeatures } = base;
    const rank = config.rankOf(path);
    const { a, b, bias } = firstValues(config, { inFeatures, outFeatures, rank }, generator);
    const own = (name: string, values: Tensor): Parameter =>
      new Parameter(`base_model.model.${path}.${name}`, values, true);
    const [loraA, loraB] = [
      own("lora_A.weight", tf.tensor(a, [rank, inFeatures])),
      own("lora_B.weight", tf.tensor(b, [outFeatures, rank])),
    ];
    const vectors = bias === undefined ? {} : { bias: own("lora_B.bias", tf.tensor(bias)) };
    const settings = { scaling: config.scalingOf(path), dropout: config.loraDropout };
    if (!config.useDora) return new LoraLinear(base, loraA, loraB, vectors, settings);
    // The lengths that the rows have with the first update, so that the output does not change.
    const lengths = rowLengths(base.weight.value as Tensor2D, loraA, loraB, settings.scaling);
    return new LoraLinear(base, loraA, loraB, { magnitude: own("lora_magnitude_vector", lengths) }, settings);
  }

  get inFeatures(): number {
    return this.base.inFeatures;
  }

  get outFeatures(): number {
    return this.base.outFeatures;
  }

  /** @internal */
  forward(x: LinearInput, context: ForwardContext): Projection {
    const { product, bias } = this.base.forward(x);
    const input = dropout(x.exact, this.#dropout, context.dropout);
    const down = linear(input, this.loraA); // [tokens, rank]
    const { bias: loraBias, magnitude } = this.vectors;
    if (magnitude !== undefined) return { product: this.#decomposed(product, input, down, x), bias };
    const updated = lowRankUpdate(product, down, this.loraB, this.#scaling);
    return { product: loraBias === undefined ? updated : addRow(updated, loraBias, this.#scaling), bias };
  }

  /** DoRA's product. PEFT computes what dropout left out of the input with the frozen weight alone. [tokens, out] */
  #decomposed(product: Tensor2D, input: Tensor2D, down: Tensor2D, x: LinearInput): Tensor2D {
    const { magnitude } = this.vectors;
    const lengths = rowLengths(this.base.weight.value as Tensor2D, this.loraA, this.loraB, this.#scaling);
    const isWhole = input === x.exact;
    const dropped = isWhole ? product : asDtype(linear(input, this.base.weight), floatDtype(product));
    const updated = lowRankUpdate(dropped, down, this.loraB, this.#scaling);
    const scaled = scaleColumns(updated, magnitude as Parameter, lengths);
    return isWhole ? scaled : sum(product, difference(scaled, dropped));
  }

  /**
   * The layer with the update inside its weight: W + scaling · B · A, with DoRA scaled to the magnitudes.
   *
   * @returns a new layer that owns its weight, and its bias where the adapter has one; else it shares the base's
   */
  merge(): Linear {
    const { base, vectors } = this;
    const weight: Tensor = tf.tidy(() => {
      const own = base.weight.value as Tensor;
      const update = tf.mul(matMul(this.loraB.value, this.loraA.value), this.#scaling);
      const merged = tf.add(cast(own, "float32"), update);
      if (vectors.magnitude === undefined) return cast(merged, floatDtype(own));
      const factors = tf.div(vectors.magnitude.value, tf.norm(merged, "euclidean", 1));
      return cast(tf.mul(merged, tf.expandDims(factors, 1)), floatDtype(own));
    });
    const { requiresGrad, name } = base.weight;
    return new Linear(new Parameter(name, weight, requiresGrad), this.#mergedBias());
  }

  #mergedBias(): Parameter {
    const { bias } = this.base;
    const own = this.vectors.bias;
    if (own === undefined) return bias;
    const total = tf.tidy(() => tf.add(bias.value, tf.mul(own.value, this.#scaling)));
    return new Parameter(bias.name, total, bias.requiresGrad);
  }
}

/**
 * Lengths of the rows of W + scaling · B · A, without making that matrix: |w|² + 2s · (W Aᵀ)·b + s² · b A Aᵀ b.
 *
 * @returns [out]
 */
function rowLengths(weight: Tensor2D, a: Parameter, b: Parameter, scaling: number): Tensor1D {
  return tf.tidy(() => {
    const wide = cast(weight, "float32");
    const own = tf.sum(tf.square(wide), 1);
    const mixed = tf.sum(tf.mul(matMul(wide, a.value, { b: true }), b.value), 1);
    const update = matMul(b.value, matMul(a.value, a.value, { b: true }));
    const added = tf.sum(tf.mul(update, b.value), 1);
    const squares = tf.addN([own, tf.mul(mixed, 2 * scaling), tf.mul(added, scaling ** 2)]);
    return tf.sqrt(squares) as Tensor1D;
  });
}
