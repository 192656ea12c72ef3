/** AdamW with 32-bit state (Loshchilov and Hutter, 2019), over one flat vector of parameters. */
import { type Tensor, tf } from "../../tensor/tensorflow";

/** Hyperparameters of Adam, constant over a run. */
export interface AdamOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** Values that change with each step. */
export interface AdamStep {
  /** Steps made with this one, from 1. */
  count: number;
  learningRate: number;
}

/** Keeps the moments of a flat vector and makes its steps. */
export interface UpdateRule {
  /** @returns the parameters after the step; the caller owns it and both arguments. [elements] */
  update(parameters: Tensor, gradients: Tensor, step: AdamStep): Tensor;
  /** The moments, by the names they are saved under. */
  state: Record<string, Tensor>;
  /** Frees the moments. */
  dispose(): void;
}

/**
 * The library whose formula is used: torch decays before the update and adds epsilon to the corrected root; bitsandbytes decays after it and
 * scales epsilon instead. Equal in exact arithmetic without decay.
 */
export type AdamForm = "torch" | "bitsandbytes";

/** AdamW's update with moments in float32. */
export class AdamWRule implements UpdateRule {
  state: Record<string, Tensor> & { m: Tensor; v: Tensor };

  private readonly options: AdamOptions;

  /** @param size elements of the vector */
  constructor(
    size: number,
    options: AdamOptions,
    private readonly form: AdamForm,
  ) {
    this.options = form === "torch" ? options : withFloat32Betas(options);
    this.state = { m: tf.keep(tf.zeros([size])), v: tf.keep(tf.zeros([size])) };
  }

  update(parameters: Tensor, gradients: Tensor, step: AdamStep): Tensor {
    const [after, m, v] = tf.tidy(() => {
      const { m, v } = nextMoments(this.state.m, this.state.v, gradients, this.options);
      const move = this.form === "torch" ? torchMove : bitsandbytesMove;
      return [move(parameters, m, v, this.options, step), tf.keep(m), tf.keep(v)];
    }) as [Tensor, Tensor, Tensor];
    tf.dispose(this.state);
    this.state = { m, v };
    return after;
  }

  dispose(): void {
    tf.dispose(this.state);
  }
}

/** The betas as bitsandbytes' kernels have them: 1 − 0.999 in float32 is smaller than 0.001 by 13 in a million. */
export function withFloat32Betas(options: AdamOptions): AdamOptions {
  return { ...options, beta1: Math.fround(options.beta1), beta2: Math.fround(options.beta2) };
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g². Call inside tidy. */
export function nextMoments(m: Tensor, v: Tensor, g: Tensor, options: AdamOptions): { m: Tensor; v: Tensor } {
  const { beta1, beta2 } = options;
  return {
    m: tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)),
    v: tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)),
  };
}

function torchMove(p: Tensor, m: Tensor, v: Tensor, options: AdamOptions, { count, learningRate }: AdamStep): Tensor {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const decayed = weightDecay === 0 ? p : tf.mul(p, 1 - learningRate * weightDecay);
  const root = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** count)), epsilon);
  return tf.sub(decayed, tf.mul(tf.div(m, root), learningRate / (1 - beta1 ** count)));
}

/** The step as bitsandbytes' kernels make it. Call inside tidy. */
export function bitsandbytesMove(
  p: Tensor,
  m: Tensor,
  v: Tensor,
  options: AdamOptions,
  { count, learningRate }: AdamStep,
): Tensor {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const correction = Math.sqrt(1 - beta2 ** count);
  const size = (learningRate * correction) / (1 - beta1 ** count);
  const moved = tf.sub(p, tf.mul(tf.div(m, tf.add(tf.sqrt(v), correction * epsilon)), size));
  return weightDecay === 0 ? moved : tf.mul(moved, 1 - learningRate * weightDecay);
}
