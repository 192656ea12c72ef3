/** How a run's rows are divided into batches, steps and epochs. */
import { epochOrder } from "../data/order";
import type { ResolvedArguments } from "./arguments";

/** Where a run goes: known before its first step. */
export class TrainingPlan {
  /** Batches of an epoch. */
  readonly batchesPerEpoch: number;
  /** Optimizer steps of an epoch; the last may have fewer batches. */
  readonly stepsPerEpoch: number;
  /** Optimizer steps of the run. */
  readonly maxSteps: number;
  /** Epochs that the run begins. */
  readonly epochs: number;
  private order: { epoch: number; rows: Int32Array } | undefined;

  /** @param rows how many there are to train on */
  constructor(
    private readonly args: ResolvedArguments,
    private readonly rows: number,
  ) {
    this.batchesPerEpoch = Math.ceil(rows / args.perDeviceTrainBatchSize);
    this.stepsPerEpoch = Math.ceil(this.batchesPerEpoch / args.gradientAccumulationSteps);
    this.maxSteps = args.maxSteps > 0 ? args.maxSteps : Math.ceil(args.numTrainEpochs * this.stepsPerEpoch);
    this.epochs = Math.ceil(args.maxSteps > 0 ? this.maxSteps / this.stepsPerEpoch : args.numTrainEpochs);
  }

  /** The rows of a step, in the order they are read. @param step steps made before it */
  rowsOf(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (this.order?.epoch !== epoch) this.order = { epoch, rows: epochOrder(this.rows, this.args.seed, epoch) };
    const size = this.args.perDeviceTrainBatchSize * this.args.gradientAccumulationSteps;
    const first = (step % this.stepsPerEpoch) * size;
    return this.order.rows.slice(first, first + size);
  }

  /** The forward passes of the run, in order. */
  *passes<T>(rows: readonly T[]): Generator<T[]> {
    const size = this.args.perDeviceTrainBatchSize;
    for (let step = 0; step < this.maxSteps; step++) {
      const order = this.rowsOf(step);
      for (let i = 0; i < order.length; i += size) yield Array.from(order.slice(i, i + size), (row) => rows[row] as T);
    }
  }

  /** Epochs made after so many steps, with the fraction of the current one. */
  epochAfter(steps: number): number {
    const inEpoch = (steps % this.stepsPerEpoch) * this.args.gradientAccumulationSteps;
    return Math.floor(steps / this.stepsPerEpoch) + inEpoch / this.batchesPerEpoch;
  }

  /** Whether an epoch, or the run, is over after so many steps. */
  endsEpoch(steps: number): boolean {
    return steps > 0 && (steps % this.stepsPerEpoch === 0 || steps >= this.maxSteps);
  }
}
