/** Dropout whose masks depend on seed, step and place in the forward pass alone, so that a resumed run draws the same ones. */
import { differentiable } from "./autodiff";
import { keepWhere, statelessUniform } from "./raw-math";
import { cast } from "./raw-op";
import { type Tensor, tf } from "./tensorflow";

/** The dropout masks of one training step; each call of {@link DropoutStream.next} gives the key of the next place. */
export class DropoutStream {
  readonly #seed: number;
  readonly #step: number;
  #site: number;

  /**
   * @param seed the run's seed
   * @param step the training step, from 0
   * @param site number of the first place (default 0)
   */
  constructor(seed: number, step: number, site = 0) {
    this.#seed = seed;
    this.#step = step;
    this.#site = site;
  }

  /** A copy that gives the same masks from here on, for a part that is computed again. */
  fork(): DropoutStream {
    return new DropoutStream(this.#seed, this.#step, this.#site);
  }

  /** @internal */
  next(): DropoutKey {
    return [Math.imul(this.#seed ^ 0x9e3779b9, 0x85ebca6b) ^ this.#step, this.#site++];
  }
}

/** @internal */
export type DropoutKey = readonly [number, number];

/** @internal A key as the fused kernels take it; zeros where nothing is dropped. int32. [2] */
export function keyTensor(key: DropoutKey | undefined): Tensor {
  return tf.tensor1d([(key?.[0] ?? 0) | 0, (key?.[1] ?? 0) | 0], "int32");
}

/** @internal Which elements stay. */
export interface Mask {
  /** bool. */
  kept: Tensor;
  /** Zeroes the elements that are dropped and scales the others by 1 / (1 − rate). Not recorded for gradients. */
  apply(x: Tensor): Tensor;
}

/** @internal The mask of a key. */
export function drawMask(shape: number[], rate: number, key: DropoutKey): Mask {
  return maskOf(tf.greaterEqual(statelessUniform(shape, key), rate), rate);
}

/** @internal A mask that was drawn before. */
export function maskOf(kept: Tensor, rate: number): Mask {
  return { kept, apply: (x) => tf.mul(keepWhere(kept, x), 1 / (1 - rate)) };
}

/** @internal Draws a mask, applies it and frees it. */
export function applyMask(x: Tensor, rate: number, key: DropoutKey): Tensor {
  return tf.tidy(() => drawMask(x.shape, rate, key).apply(x));
}

/**
 * Dropout with a gradient; the mask is drawn again in the backward pass instead of being kept.
 *
 * @param x float32 or bfloat16; the result is float32 if anything is dropped
 * @param rate share of elements to drop, in [0, 1); 0 returns `x`
 * @param stream masks of the step; undefined outside training
 */
export function dropout<T extends Tensor>(x: T, rate: number, stream: DropoutStream | undefined): T {
  if (stream === undefined || rate === 0) return x;
  const key = stream.next();
  return differentiable([x], {
    forward: () => applyMask(cast(x, "float32"), rate, key),
    backward: (dy) => [applyMask(dy, rate, key)],
  });
}
