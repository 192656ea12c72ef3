/** A linear layer with a low-rank update beside it (Hu et al., 2021). Axes: tokens, in, out, rank. */

import { type ForwardContext, Linear, type LinearInput, type LinearLayer } from "../model/linear";
import { Parameter } from "../model/parameters";
import { dropout } from "../tensor/dropout";
import { linear, lowRankUpdate, type Projection } from "../tensor/ops/linear";
import type { Mt19937 } from "../tensor/random";
import { matMul } from "../tensor/raw-math";
import { cast, floatDtype } from "../tensor/raw-op";
import { type Tensor, tf } from "../tensor/tensorflow";
import type { LoraConfig, LoraInit } from "./config";

/** y = base(x) + scaling · B(A(dropout(x))); the base stays as it is. */
export class LoraLinear implements LinearLayer {
  readonly #scaling: number;
  readonly #dropout: number;

  private constructor(
    /** The layer it adapts. */
    readonly base: Linear,
    /** [rank, in] */
    readonly loraA: Parameter,
    /** [out, rank] */
    readonly loraB: Parameter,
    scaling: number,
    dropout: number,
  ) {
    this.#scaling = scaling;
    this.#dropout = dropout;
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
    const [a, b] = firstValues(config.initLoraWeights, { inFeatures, outFeatures, rank }, generator);
    const name = `base_model.model.${path}`;
    return new LoraLinear(
      base,
      new Parameter(`${name}.lora_A.weight`, tf.tensor(a, [rank, inFeatures]), true),
      new Parameter(`${name}.lora_B.weight`, tf.tensor(b, [outFeatures, rank]), true),
      config.scalingOf(path),
      config.loraDropout,
    );
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
    const down = linear(dropout(x.exact, this.#dropout, context.dropout), this.loraA); // [tokens, rank]
    return { product: lowRankUpdate(product, down, this.loraB, this.#scaling), bias };
  }

  /**
   * The layer with the update inside its weight: W + scaling · B · A.
   *
   * @returns a new layer that owns its weight and shares the base's bias
   */
  merge(): Linear {
    const weight: Tensor = tf.tidy(() => {
      const base = this.base.weight.value as Tensor;
      const update = tf.mul(matMul(this.loraB.value, this.loraA.value), this.#scaling);
      return cast(tf.add(cast(base, "float32"), update), floatDtype(base));
    });
    return new Linear(new Parameter(this.base.weight.name, weight, this.base.weight.requiresGrad), this.base.bias);
  }
}

/** Values of A and B. */
function firstValues(
  init: LoraInit,
  sizes: { inFeatures: number; outFeatures: number; rank: number },
  generator: Mt19937,
): [Float32Array, Float32Array] {
  const { inFeatures, outFeatures, rank } = sizes;
  const uniform = (count: number, width: number): Float32Array =>
    generator.uniform(count, -1 / Math.sqrt(width), 1 / Math.sqrt(width));
  const a = uniform(rank * inFeatures, inFeatures);
  const b = uniform(outFeatures * rank, rank);
  if (init === false) return [a, b];
  const again = init === "gaussian" ? generator.torchNormal(a.length, 1 / rank) : uniform(a.length, inFeatures);
  return [again, b.fill(0)];
}
