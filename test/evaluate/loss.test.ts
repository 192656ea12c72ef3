import assert from "node:assert/strict";
import { test } from "node:test";
import { binaryCrossEntropy, crossEntropy, meanSquaredError, rowCrossEntropy, rowLoss } from "../../lib/evaluate/loss";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/tensor/autodiff";
import { type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { assertClose } from "../support/golden";
import { assertGradients, leaf, sample } from "../support/gradients";
import { assertNothingKept } from "../support/memory";

test("the loss is the mean of −log p(right label)", () => {
  const rows = [
    [0, 0],
    [Math.log(3), 0],
  ];
  // p = 1/2 and 3/4.
  const expected = (Math.log(2) + Math.log(4 / 3)) / 2;
  assertClose(crossEntropy(tf.tensor2d(rows), [1, 0]).dataSync(), [expected], { absolute: 1e-6 });
  assertClose((rowCrossEntropy([0, 0], 1) + rowCrossEntropy([Math.log(3), 0], 0)) / 2, expected, { absolute: 1e-12 });
});

test("large logits neither overflow nor lose the difference", () => {
  assertClose(rowCrossEntropy([1000, 999], 1), Math.log(1 + Math.E), { absolute: 1e-9 });
  assertClose(crossEntropy(tf.tensor2d([[1000, 999]]), [1]).dataSync(), [Math.log(1 + Math.E)], { absolute: 1e-6 });
});

test("the gradient of the cross entropy is (p − right) / rows, and nothing is kept", async () => {
  const logits = new Parameter(
    "logits",
    tf.tensor2d([
      [0, 0],
      [Math.log(3), 0],
    ]),
    true,
  );
  await assertNothingKept(() => {
    const { value, gradients } = gradientsOf<Parameter>(() =>
      tf.tidy(() => crossEntropy(leaf(logits) as Tensor2D, [1, 0])),
    );
    assertClose(gradients.get(logits)?.dataSync() ?? [], [0.25, -0.25, -0.125, 0.125], { absolute: 1e-6 });
    assert.equal(value.rank, 0);
    tf.dispose([value, ...gradients.values()]);
  });
});

test("a squared error is a mean over rows and outputs", () => {
  const logits = tf.tensor2d([
    [1, 2],
    [0, -1],
  ]);
  // (0 + 1 + 4 + 1) / 4
  const labels = [
    [1, 1],
    [2, 0],
  ];
  assertClose(meanSquaredError(logits, labels).dataSync(), [1.5], { absolute: 1e-6 });
  assertClose(meanSquaredError(tf.tensor2d([[1], [3]]), [0, 1]).dataSync(), [2.5], { absolute: 1e-6 });
  assert.equal(rowLoss([1, 2], [1, 1], "regression"), 0.5);
  assert.equal(rowLoss([3], 1, "regression"), 4);
});

test("each of several labels is a yes or no of its own, also with large logits", () => {
  // −log σ(log 3) = log 4/3 for the label 1, −log(1 − σ(log 3)) = log 4 for the label 0.
  const expected = (Math.log(4 / 3) + Math.log(4)) / 2;
  const row = [Math.log(3), Math.log(3)];
  assertClose(binaryCrossEntropy(tf.tensor2d([row]), [[1, 0]]).dataSync(), [expected], { absolute: 1e-6 });
  assertClose(rowLoss(row, [1, 0], "multi_label_classification"), expected, { absolute: 1e-12 });
  assertClose(binaryCrossEntropy(tf.tensor2d([[500, -500]]), [[0, 0]]).dataSync(), [250], { absolute: 1e-4 });
  assertClose(rowLoss([500, -500], [0, 0], "multi_label_classification"), 250, { absolute: 1e-9 });
});

test("the gradients of squared error and binary cross entropy are those of finite differences", () => {
  for (const loss of [meanSquaredError, binaryCrossEntropy]) {
    assertGradients(
      (logits) =>
        loss(logits, [
          [1, 0],
          [0, 1],
          [1, 1],
        ]),
      [sample(3, 2, 4)],
    );
  }
});
