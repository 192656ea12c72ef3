import assert from "node:assert/strict";
import { test } from "node:test";
import { epochOrder } from "../../lib/data/order";
import type { TrainingArguments } from "../../lib/train/arguments";
import { TrainingPlan } from "../../lib/train/plan";
import { resolveArguments } from "../../lib/train/resolve-arguments";

function plan(rows: number, options: Partial<TrainingArguments>): TrainingPlan {
  return new TrainingPlan(resolveArguments({ outputDir: "unused", ...options }), rows);
}

test("a batch that is not full is left out where that is asked for, and one has to be left", () => {
  const options = {
    perDeviceTrainBatchSize: 4,
    dataloaderDropLast: true,
    trainSamplingStrategy: "sequential",
  } as const;
  const left = plan(10, options);
  assert.equal(left.stepsPerEpoch, 2);
  assert.deepEqual(
    [0, 1, 2].map((step) => [...left.rowsOf(step)]),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [0, 1, 2, 3],
    ],
  );
  assert.throws(() => plan(3, options), /`dataloaderDropLast`: expected a whole batch of 4 rows, got 3\./);
});

test("an epoch's last step takes the batches that are left", () => {
  // 22 rows in batches of 4: six batches, four and two of them a step.
  const { batchesPerEpoch, stepsPerEpoch, maxSteps, epochs } = plan(22, {
    perDeviceTrainBatchSize: 4,
    gradientAccumulationSteps: 4,
  });
  assert.deepEqual([batchesPerEpoch, stepsPerEpoch, maxSteps, epochs], [6, 2, 6, 3]);
});

test("every row is read once an epoch, in the epoch's order", () => {
  const read = plan(22, { perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 4, seed: 5 });
  assert.deepEqual([...read.rowsOf(0), ...read.rowsOf(1)], [...epochOrder(22, 5, 0)]);
  assert.deepEqual([...read.rowsOf(2), ...read.rowsOf(3)], [...epochOrder(22, 5, 1)]);
  assert.equal(read.rowsOf(3).length, 6);
});

test("the epoch's fraction counts batches, and an epoch ends with its last step or the run's", () => {
  const half = plan(22, { perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 4, numTrainEpochs: 1.5 });
  assert.deepEqual([half.maxSteps, half.epochs], [3, 2]);
  assert.deepEqual(
    [0, 1, 2, 3].map((steps) => half.epochAfter(steps)),
    [0, 4 / 6, 1, 1 + 4 / 6],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((steps) => half.endsEpoch(steps)),
    [false, false, true, true],
  );
});

test("a number of steps comes before a number of epochs", () => {
  const { maxSteps, epochs } = plan(10, { perDeviceTrainBatchSize: 5, maxSteps: 7, numTrainEpochs: 1 });
  assert.deepEqual([maxSteps, epochs], [7, 4]);
});
