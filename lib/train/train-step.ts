/** One training step: forward, backward, clipping, update. */
import type { TokenizedRow } from "../data/rows";
import { forwardRows } from "../evaluate/forward-rows";
import { batchLoss } from "../evaluate/loss";
import type { Objective } from "../evaluate/objective";
import type { Classifier } from "../model/classifier";
import { problemTypeOf } from "../model/config";
import type { ForwardContext } from "../model/linear";
import type { Parameter } from "../model/parameters";
import type { WorkerGroup } from "../parallel/group";
import { gradientsOf } from "../tensor/autodiff";
import { DropoutStream } from "../tensor/dropout";
import { allFinite } from "../tensor/finite";
import { type Tensor, type Tensor2D, tf } from "../tensor/tensorflow";
import { clipGradNorm } from "./optim/clip";
import type { Optimizer } from "./optim/optimizer";

/** Inputs of a training step. */
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
export function trainStep(input: StepInput): MadeStep {
  return update(input, accumulateGradients(input));
}

/** What a step has made: see {@link trainStep}. */
export type MadeStep = { loss: Tensor; norm: Tensor; applied: boolean };

/** As {@link trainStep}, with the passes shared out among workers: each makes every so manieth, and all the same update. */
export async function sharedTrainStep(input: StepInput, group: WorkerGroup): Promise<MadeStep> {
  const { loss, gradients } = accumulateGradients(input, group);
  const [own, ...others] = await sumOver(group, [loss, ...gradients]);
  return update(input, { loss: own as Tensor, gradients: others });
}

/** Adds tensors of all workers, as one vector. Disposes them. */
async function sumOver(group: WorkerGroup, tensors: Tensor[]): Promise<Tensor[]> {
  const vector = new Float32Array(tensors.reduce((total, { size }) => total + size, 0));
  let end = 0;
  for (const tensor of tensors) {
    vector.set(await tensor.data(), end);
    end += tensor.size;
  }
  await group.sum(vector);
  let start = 0;
  const sums = tensors.map(({ size, shape }) => {
    start += size;
    return tf.tensor(vector.slice(start - size, start), shape);
  });
  tf.dispose(tensors);
  return sums;
}

/** Clips gradients and changes the parameters by them. */
function update(input: StepInput, { loss, gradients }: { loss: Tensor; gradients: Tensor[] }): MadeStep {
  const { optimizer } = input;

  // clipping
  const { clipped, norm } = clipGradNorm(gradients, input.maxGradNorm);

  // update
  const applied = tf.tidy(() => allFinite(tf.stack([loss, norm])));
  if (applied) optimizer.step(clipped, input.learningRate);
  else tf.dispose(clipped);
  return { loss, norm, applied };
}

/**
 * The sum of the passes' losses, and of their gradients as one vector a group.
 *
 * @param worker makes its share of the passes, perhaps none (default: all of them)
 */
function accumulateGradients(
  input: StepInput,
  worker: { index: number; size: number } = { index: 0, size: 1 },
): { loss: Tensor; gradients: Tensor[] } {
  const { model, optimizer, rows, objective, batchSize = rows.length, accumulation = 1 } = input;
  const lossOf =
    objective && ((logits: Tensor2D, pass: readonly TokenizedRow[]) => objective.ofPass(logits, pass, rows));
  let sums: Tensor[] = [];
  for (let first = worker.index * batchSize; first < rows.length; first += worker.size * batchSize) {
    // By the pass's place in the step, whoever makes it.
    const dropout = new DropoutStream(input.seed, input.step * accumulation + first / batchSize);
    const context = { dropout, gradientCheckpointing: input.gradientCheckpointing ?? false };
    const { loss, gradients } = computeGradients(model, rows.slice(first, first + batchSize), context, lossOf);
    const parts = [loss, ...optimizer.flatten(gradients)];
    sums = sums.length === 0 ? parts : addEach(sums, parts);
  }
  const [loss = tf.scalar(0), ...gradients] = sums;
  return { loss, gradients: sums.length === 0 ? optimizer.flatten(new Map()) : gradients };
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
