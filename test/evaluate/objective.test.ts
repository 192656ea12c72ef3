import assert from "node:assert/strict";
import { test } from "node:test";
import { batchLoss } from "../../lib/evaluate/loss";
import { type Objective, objectiveOf } from "../../lib/evaluate/objective";
import type { ModelConfig } from "../../lib/model/config";
import { differentiable, gradientsOf } from "../../lib/tensor/autodiff";
import { type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { assertClose } from "../support/golden";
import { tinyModel } from "../support/tiny";

const LOGITS = [
  [2, -1],
  [0.5, 0.25],
  [-3, 1],
];
const ROWS = [{ label: 0 }, { label: 1 }, { label: 1 }];
const config: ModelConfig = tinyModel().config;

function objective(settings: { labelSmoothingFactor?: number; classWeights?: number[] }): Objective {
  return objectiveOf({ labelSmoothingFactor: 0, classWeights: [], ...settings }, config) as Objective;
}

test("without label smoothing and class weights the model's own loss stays", () => {
  assert.equal(objectiveOf({ labelSmoothingFactor: 0, classWeights: [] }, config), undefined);
});

for (const settings of [{ labelSmoothingFactor: 0.2 }, { classWeights: [0.25, 3] }]) {
  const name = Object.keys(settings)[0];
  test(`${name}: passes add up to the mean over the step, which is that of an evaluation`, () => {
    const { ofPass, ofRows } = objective(settings);
    const whole = ofPass(tf.tensor2d(LOGITS), ROWS, ROWS).dataSync()[0] as number;
    const first = ofPass(tf.tensor2d(LOGITS.slice(0, 1)), ROWS.slice(0, 1), ROWS).dataSync()[0] as number;
    const rest = ofPass(tf.tensor2d(LOGITS.slice(1)), ROWS.slice(1), ROWS).dataSync()[0] as number;
    assertClose(first + rest, whole, { absolute: 1e-6 });
    assertClose(ofRows(LOGITS, ROWS), whole, { absolute: 1e-6 });
  });

  test(`${name}: the gradient is the one that differences give`, () => {
    const { ofPass, ofRows } = objective(settings);
    const value = tf.variable(tf.tensor2d(LOGITS));
    const weight = { value, requiresGrad: true };
    const { gradients } = gradientsOf(() => ofPass(identity(weight), ROWS, ROWS));
    const at = (row: number, column: number, change: number): number =>
      ofRows(
        LOGITS.map((line, i) => line.map((x, k) => (i === row && k === column ? x + change : x))),
        ROWS,
      );
    const expected = LOGITS.map((line, i) => line.map((_, k) => (at(i, k, 1e-4) - at(i, k, -1e-4)) / 2e-4));
    assertClose([...gradients.values()][0]?.dataSync() as Float32Array, expected, { absolute: 1e-5 });
  });
}

test("a smoothing factor of 0 with equal weights gives the mean cross entropy", () => {
  const plain = batchLoss(tf.tensor2d(LOGITS), [0, 1, 1], "single_label_classification").dataSync()[0] as number;
  assertClose(objective({ classWeights: [2, 2] }).ofRows(LOGITS, ROWS), plain, { absolute: 1e-6 });
  assertClose(objective({ labelSmoothingFactor: 1e-9 }).ofRows(LOGITS, ROWS), plain, { absolute: 1e-6 });
});

test("a step in which every row has the weight 0 has no loss and no gradient", () => {
  const { ofPass } = objective({ classWeights: [0, 1] });
  const weight = { value: tf.variable(tf.tensor2d(LOGITS.slice(0, 1))), requiresGrad: true };
  const { value, gradients } = gradientsOf(() => ofPass(identity(weight), ROWS.slice(0, 1), ROWS.slice(0, 1)));
  assertClose(value.dataSync(), [0], {});
  assertClose([...gradients.values()][0]?.dataSync() as Float32Array, [[0, 0]], {});
});

test("weights that do not fit the labels, and models of another kind, are refused", () => {
  assert.throws(() => objective({ classWeights: [1, 2, 3] }), {
    message: "`classWeights`: expected 2 numbers, got 3.",
  });
  const other = tinyModel({ problem_type: "multi_label_classification" }).config;
  assert.throws(() => objectiveOf({ labelSmoothingFactor: 0.1, classWeights: [] }, other), {
    message: "`labelSmoothingFactor`: expected a model of one label a row, got one for multi_label_classification.",
  });
});

/** Logits that are weights, so that they have a gradient. */
function identity(weight: { value: ReturnType<typeof tf.variable>; requiresGrad: boolean }): Tensor2D {
  return differentiable([weight], {
    forward: () => tf.add(weight.value, 0),
    backward: (dy) => [tf.add(dy, 0)],
  });
}
