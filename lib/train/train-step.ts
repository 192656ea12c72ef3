/** One training step: forward, backward, clipping, update. */
import type { TokenizedRow } from "../data/rows";
import { forwardRows } from "../evaluate/forward-rows";
import { batchLoss } from "../evaluate/loss";
import type { Objective } from "../evaluate/objective";
import type { Classifier } from "../model/classifier";
import { problemTypeOf } from "../model/config";
import type { ForwardContext } from "../model/linear";
import type { Parameter } from "../model/parameters";
import { gradientsOf } from "../tensor/autodiff";
import { DropoutStream } from "../tensor/dropout";
import { allFinite } from "../tensor/finite";
import { type Tensor, type Tensor2D, tf } from "../tensor/tensorflow";
import { clipGradNorm } from "./optim/clip";
import type { Optimizer } from "./optim/optimizer";

/** What a step works on. */
export interface StepInput {
  model: Classifier;
  optimizer: Optimizer;
  rows: readonly TokenizedRow[];
  /** Rows of a forward pass (default all); the gradients of a step's passes are added up. */
  batchSize?: number;
  /** Most forward passes of a step (default 1). */
  accumulation?: number;
  /** The loss of a pass; without it the model's own, a mean over the pass's rows. */
  objective?: Objective | undefined;
  /** Rate of this step. */
  learningRate: number;
  /** Largest global norm of the gradients. */
  maxGradNorm: number;
  /** Computes each layer again in the backward pass instead of keeping what it needs (default false). */
  gradientCheckpointing?: boolean;
  /** Chooses the dropout masks, together with the step's number from 0. */
  seed: number;
  step: number;
}

/**
 * Makes a step. One whose loss or gradients are not finite changes nothing.
 *
 * @returns the step's loss and the gradients' norm before clipping, scalar tensors that the caller disposes, and whether it
 * was applied
 */
export function trainStep(input: StepInput): { loss: Tensor; norm: Tensor; applied: boolean } {
  const { optimizer } = input;

  // forward and backward
  const { loss, gradients } = accumulateGradients(input);

  // clipping
  const { clipped, norm } = clipGradNorm(gradients, input.maxGradNorm);

  // update
  const applied = tf.tidy(() => allFinite(tf.stack([loss, norm])));
  if (applied) optimizer.step(clipped, input.learningRate);
  else tf.dispose(clipped);
  return { loss, norm, applied };
}

/** The sum of the passes' losses, and of their gradients as one vector a group. */
function accumulateGradients(input: StepInput): { loss: Tensor; gradients: Tensor[] } {
  const { model, optimizer, rows, objective, batchSize = rows.length, accumulation = 1 } = input;
  const lossOf =
    objective && ((logits: Tensor2D, pass: readonly TokenizedRow[]) => objective.ofPass(logits, pass, rows));
  let sums: Tensor[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const dropout = new DropoutStream(input.seed, input.step * accumulation + first / batchSize);
    const context = { dropout, gradientCheckpointing: input.gradientCheckpointing ?? false };
    const { loss, gradients } = computeGradients(model, rows.slice(first, first + batchSize), context, lossOf);
    const parts = [loss, ...optimizer.flatten(gradients)];
    sums = first === 0 ? parts : addEach(sums, parts);
  }
  const [loss, ...gradients] = sums;
  return { loss: loss as Tensor, gradients };
}

/** Adds tensors one by one. Disposes both lists. */
function addEach(some: Tensor[], others: Tensor[]): Tensor[] {
  const sums = some.map((tensor, i) => tf.add(tensor, others[i] as Tensor));
  tf.dispose([...some, ...others]);
  return sums;
}

/** The loss of a pass's rows, a scalar tensor. */
type PassLoss = (logits: Tensor2D, rows: readonly TokenizedRow[]) => Tensor;

/**
 * The loss of rows and its gradients.
 *
 * @param context the step's masks; none computes the gradients of the evaluated model
 * @param lossOf in place of the model's own loss, a mean over the rows
 * @returns tensors that the caller disposes
 */
export function computeGradients(
  model: Classifier,
  rows: readonly TokenizedRow[],
  context: ForwardContext = {},
  lossOf?: PassLoss,
): { loss: Tensor; gradients: Map<Parameter, Tensor> } {
  const kind = problemTypeOf(model.config);
  const { value: loss, gradients } = gradientsOf<Parameter>(() => {
    const logits = forwardRows(model, rows, context) as unknown as Tensor2D;
    const labels = rows.map(({ label }) => label);
    const loss = lossOf?.(logits, rows) ?? batchLoss(logits, labels, kind);
    logits.dispose();
    return loss;
  });
  return { loss, gradients };
}
