/** One training step: forward, backward, clipping, update. */
import type { TokenizedRow } from "../data/batches";
import type { Classifier } from "../model/classifier";
import type { Parameter } from "../model/parameters";
import { gradientsOf } from "../runtime/autodiff";
import { DropoutStream } from "../runtime/dropout";
import type { Tensor, Tensor2D } from "../runtime/tensorflow";
import { clipGradNorm } from "./clip";
import { crossEntropy } from "./loss";
import type { Optimizer } from "./optimizer";

/** What a step works on. */
export interface StepInput {
  model: Classifier;
  optimizer: Optimizer;
  rows: readonly TokenizedRow[];
  /** Rate of this step. */
  learningRate: number;
  /** Largest global norm of the gradients. */
  maxGradNorm: number;
  /** Chooses the dropout masks, together with the step's number from 0. */
  seed: number;
  step: number;
}

/** @returns the batch's mean loss and the gradients' norm before clipping: scalar tensors, to be disposed by the caller */
export function trainStep(input: StepInput): { loss: Tensor; norm: Tensor } {
  const { model, optimizer, rows } = input;

  // forward and backward
  const { loss, gradients } = computeGradients(model, rows, new DropoutStream(input.seed, input.step));

  // clipping
  const { clipped, norm } = clipGradNorm(optimizer.flatten(gradients), input.maxGradNorm);

  // update
  optimizer.step(clipped, input.learningRate);
  return { loss, norm };
}

/**
 * The mean cross entropy of rows and its gradients.
 *
 * @param dropout the step's masks; none computes the gradients of the evaluated model
 * @returns tensors that the caller disposes
 */
export function computeGradients(
  model: Classifier,
  rows: readonly TokenizedRow[],
  dropout?: DropoutStream,
): { loss: Tensor; gradients: Map<Parameter, Tensor> } {
  const batch = { inputIds: rows.map(({ inputIds }) => inputIds) };
  const { value: loss, gradients } = gradientsOf<Parameter>(() => {
    const logits = model.forward(batch, dropout === undefined ? {} : { dropout }) as unknown as Tensor2D;
    const loss = crossEntropy(
      logits,
      rows.map(({ label }) => label),
    );
    logits.dispose();
    return loss;
  });
  return { loss, gradients };
}
