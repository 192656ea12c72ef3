/** How a run's rows are divided into batches, steps and epochs. */
import { epochOrder, lengthGroupedOrder } from "../data/order";
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

  /**
   * @param rows how many there are to train on
   * @param lengths tokens of each, for an order by length
   * @throws {RangeError} no batch is left
   */
  constructor(
    private readonly args: ResolvedArguments,
    private readonly rows: number,
    private readonly lengths: readonly number[] = [],
  ) {
    const batches = rows / args.perDeviceTrainBatchSize;
    this.batchesPerEpoch = args.dataloaderDropLast ? Math.floor(batches) : Math.ceil(batches);
    if (this.batchesPerEpoch === 0) {
      const batch = `a whole batch of ${args.perDeviceTrainBatchSize} rows`;
      throw new RangeError(`\`dataloaderDropLast\`: expected ${batch}, got ${rows}. Take smaller batches.`);
    }
    this.stepsPerEpoch = Math.ceil(this.batchesPerEpoch / args.gradientAccumulationSteps);
    this.maxSteps = args.maxSteps > 0 ? args.maxSteps : Math.ceil(args.numTrainEpochs * this.stepsPerEpoch);
    this.epochs = Math.ceil(args.maxSteps > 0 ? this.maxSteps / this.stepsPerEpoch : args.numTrainEpochs);
  }

  /** The rows of a step, in the order they are read. @param step steps made before it */
  rowsOf(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (this.order?.epoch !== epoch) this.order = { epoch, rows: this.orderOf(epoch) };
    const first = (step % this.stepsPerEpoch) * this.stepSize;
    return this.order.rows.slice(first, first + this.stepSize);
  }

  /** The rows of an epoch, in the order they are read. */
  private orderOf(epoch: number): Int32Array {
    const { trainSamplingStrategy: strategy, dataSeed: seed, perDeviceTrainBatchSize: size } = this.args;
    const order = {
      random: () => epochOrder(this.rows, seed, epoch),
      sequential: () => Int32Array.from({ length: this.rows }, (_, row) => row),
      group_by_length: () => lengthGroupedOrder(this.lengths, this.stepSize, seed, epoch),
    }[strategy]();
    return order.slice(0, this.batchesPerEpoch * size);
  }

  /** Most rows of a step. */
  private get stepSize(): number {
    return this.args.perDeviceTrainBatchSize * this.args.gradientAccumulationSteps;
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
