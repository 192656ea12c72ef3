/** Ranks pairs of texts by the scores of a classifier with one output. */
import { differentiable } from "../tensor/autodiff";
import type { FloatDtype } from "../tensor/raw-op";
import { type Tensor2D, tf } from "../tensor/tensorflow";
import type { Classifier, Logits } from "./classifier";
import type { ModelConfig } from "./config";
import type { ForwardContext } from "./linear";
import type { Batch } from "./packing";
import type { Parameter } from "./parameters";

/**
 * Turns a model with one output into a classifier of pairs, whose logits are the scores of the two texts. With label 0 (the
 * first is better) their cross entropy is −log σ(s₁ − s₂), so the Trainer trains and evaluates it like any other model.
 */
export class PairRanker implements Classifier {
  readonly config: ModelConfig;

  /**
   * @param model scores one text, with or without an adapter; a new head has to be trained
   * @throws {RangeError} the model has more than one output
   */
  constructor(readonly model: Classifier) {
    const outputs = model.config.id2label.length;
    if (outputs !== 1) {
      throw new RangeError(`\`model\`: expected one output, got ${outputs}. Load it with { numLabels: 1 }.`);
    }
    this.config = { ...model.config, id2label: ["first", "second"], problemType: "single_label_classification" };
  }

  get dtype(): FloatDtype {
    return this.model.dtype ?? "float32";
  }

  trainableParameters(): Parameter[] {
    return this.model.trainableParameters();
  }

  /** @param batch the two texts of each pair in succession. @returns scores, [batch / 2, 2] */
  forward(batch: Batch, context: ForwardContext = {}): Logits {
    const count = batch.inputIds.length;
    if (count % 2 !== 0) throw new RangeError(`\`batch\`: expected pairs of texts, got ${count} texts.`);
    const scores = this.model.forward(batch, context) as unknown as Tensor2D; // [batch, 1]
    const paired: Tensor2D = differentiable([scores], {
      forward: () => tf.reshape(scores, [count / 2, 2]),
      backward: (dy) => [tf.reshape(dy, [count, 1])],
    });
    scores.dispose();
    return paired;
  }

  savePretrained(folder: string): void {
    this.model.savePretrained(folder);
  }

  load(folder: string): Promise<void> {
    return this.model.load(folder);
  }
}
