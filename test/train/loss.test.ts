import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/runtime/autodiff";
import { type Tensor2D, tf } from "../../lib/runtime/tensorflow";
import { crossEntropy, rowCrossEntropy } from "../../lib/train/loss";
import { assertClose } from "../support/golden";
import { leaf } from "../support/gradients";
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

test("its gradient is (p − right) / rows, and nothing is kept", async () => {
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
