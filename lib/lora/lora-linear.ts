/** A linear layer with a low-rank update beside it (Hu et al., 2021). Axes: tokens, in, out, rank. */

import { type ForwardContext, Linear, type LinearLayer, linear, scale, sum } from "../model/layers";
import { Parameter } from "../model/parameters";
import { dropout } from "../runtime/dropout";
import type { Mt19937 } from "../runtime/random";
import { matMul } from "../runtime/raw-op";
import { type Tensor, type Tensor2D, tf } from "../runtime/tensorflow";
import type { LoraConfig } from "./config";

/** y = base(x) + scaling · B(A(dropout(x))); the base stays as it is. */
export class LoraLinear implements LinearLayer {
  private constructor(
    /** The layer it adapts. */
    readonly base: Linear,
    /** [rank, in] */
    readonly loraA: Parameter,
    /** [out, rank] */
    readonly loraB: Parameter,
    private readonly scaling: number,
    private readonly rate: number,
  ) {}

  /**
   * Wraps a layer. A is uniform in ±1/√in, B is zero, so that the output does not change at first.
   *
   * @param path the layer's module path, for the names of the two matrices
   * @param generator draws A as PEFT does with torch: after two groups of draws that it overwrites
   */
  static from(base: Linear, path: string, config: LoraConfig, generator: Mt19937): LoraLinear {
    const { inFeatures, outFeatures } = base;
    const { r } = config;
    const bound = 1 / Math.sqrt(inFeatures);
    generator.uniform(r * inFeatures + outFeatures * r, -bound, bound);
    const a = tf.tensor(generator.uniform(r * inFeatures, -bound, bound), [r, inFeatures]);
    const name = `base_model.model.${path}`;
    return new LoraLinear(
      base,
      new Parameter(`${name}.lora_A.weight`, a, true),
      new Parameter(`${name}.lora_B.weight`, tf.zeros([outFeatures, r]), true),
      config.scaling,
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
  forward(x: Tensor2D, context: ForwardContext): Tensor2D {
    return tf.tidy(() => {
      const down = linear(dropout(x, this.rate, context.dropout), this.loraA); // [tokens, rank]
      const up = linear(scale(down, this.scaling), this.loraB); // [tokens, out]
      return sum(this.base.forward(x), up);
    });
  }

  /**
   * The layer with the update inside its weight: W + scaling · B · A.
   *
   * @returns a new layer that owns its weight and shares the base's bias
   */
  merge(): Linear {
    const weight: Tensor = tf.tidy(() =>
      tf.add(this.base.weight.value, tf.mul(matMul(this.loraB.value, this.loraA.value), this.scaling)),
    );
    return new Linear(new Parameter(this.base.weight.name, weight, this.base.weight.requiresGrad), this.base.bias);
  }
}
