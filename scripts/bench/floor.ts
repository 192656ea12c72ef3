/** Measures the least time that a model's frozen matrices take on this machine with TensorFlow's own MatMul. */
import type { SequenceClassifier } from "../../lib/model/classifier";
import type { ModelConfig } from "../../lib/model/config";
import { tensorShapes } from "../../lib/model/encoder";
import { FAMILIES } from "../../lib/model/families";
import { cast, floatDtype, rawOp } from "../../lib/tensor/raw-op";
import { type Tensor, tf } from "../../lib/tensor/tensorflow";

/** Weights of the matrices that every token passes through: all of the encoder's layers. */
export function matmulWeights(config: ModelConfig): number {
  const prefix = `${FAMILIES[config.modelType].layers}.`;
  return [...tensorShapes(config)]
    .filter(([name, shape]) => name.startsWith(prefix) && shape.length === 2)
    .reduce((sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** Floating-point operations of a token: 2 a weight forward, and as many backward, since frozen weights get no gradient. */
export function flopPerToken(config: ModelConfig, job: "train" | "eval"): number {
  return (job === "train" ? 4 : 2) * matmulWeights(config);
}

/**
 * The rate of MatMul, [tokens, hidden] × [hidden, inner] and back, on the model's own feed-forward weights as they lie in
 * its files and in their dtype. It is measured between the steps of a run, at their numbers of tokens: the machine's speed drifts.
 */
export class MatMulRate {
  #flop = 0;
  #seconds = 0;
  /** [inner, hidden] and [hidden, inner], a pair a layer. */
  readonly #weights: [up: Tensor, down: Tensor][];

  constructor(model: SequenceClassifier) {
    const { layers, layer } = FAMILIES[model.config.modelType];
    const weight = (index: number, path: string): Tensor =>
      model.parameters.get(`${layers}.${index}.${path}.weight`)?.value as Tensor;
    // All layers in turn, so that none is still cached and each measurement takes long enough.
    const { numHiddenLayers: length } = model.config;
    this.#weights = Array.from({ length }, (_, i) => [weight(i, layer.intermediate), weight(i, layer.output)]);
  }

  /** Measures the products once, for a batch of so many tokens. */
  async measure(tokens: number): Promise<void> {
    const [up] = this.#weights[0] as [Tensor, Tensor];
    const [inner, hidden] = up.shape as [number, number];
    const rows = tf.tidy(() => tf.keep(cast(tf.ones([tokens, hidden]), floatDtype(up))));
    const started = performance.now();
    const last = tf.tidy(() => {
      let x = rows;
      for (const [up, down] of this.#weights) x = tf.tidy(() => product(product(x, up), down));
      return tf.sum(cast(x, "float32"));
    });
    await last.data();
    this.#seconds += (performance.now() - started) / 1000;
    this.#flop += this.#weights.length * 2 * 2 * tokens * hidden * inner;
    tf.dispose([rows, last]);
  }

  /** Resets the measurement, after a warm-up. */
  restart(): void {
    this.#flop = 0;
    this.#seconds = 0;
  }

  /** GFLOP a second over all measurements. */
  gflops(): number {
    return this.#flop / this.#seconds / 1e9;
  }
}

/** x · Wᵀ by TensorFlow's MatMul. */
function product(x: Tensor, weight: Tensor): Tensor {
  const dtype = { dtype: floatDtype(weight) } as const;
  return rawOp("MatMul", { transpose_a: { flag: false }, transpose_b: { flag: true }, T: dtype }, [x, weight]);
}
