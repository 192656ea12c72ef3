/** Stochastic gradient descent as `torch.optim.SGD` without momentum, which is the Trainer's `sgd`. */
import { type Tensor, tf } from "../../tensor/tensorflow";
import type { AdamStep, UpdateRule } from "./adamw";

/** Keeps nothing between steps. */
export class SgdRule implements UpdateRule {
  readonly state: Record<string, Tensor> = {};

  /** @param weightDecay share of the parameters that is added to their gradients */
  constructor(private readonly weightDecay: number) {}

  update(parameters: Tensor, gradients: Tensor, { learningRate }: AdamStep): Tensor {
    return tf.tidy(() => {
      const decay = this.weightDecay === 0 ? gradients : tf.add(gradients, tf.mul(parameters, this.weightDecay));
      return tf.sub(parameters, tf.mul(decay, learningRate));
    });
  }

  dispose(): void {}
}
