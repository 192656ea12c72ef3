import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameter } from "../../../lib/model/parameters";
import { gradientsOf } from "../../../lib/tensor/autodiff";
import { asDtype, gatherRows, sum } from "../../../lib/tensor/ops/basics";
import { cast, floatDtype, tensorBytes } from "../../../lib/tensor/raw-op";
import { type Tensor2D, tf } from "../../../lib/tensor/tensorflow";
import { assertGradients, assertWeightGradients, leaf, sample, weightedSum } from "../../support/gradients";
import { assertNothingKept } from "../../support/memory";

test("gatherRows takes the rows of a table by their index", () => {
  const table = new Parameter("t", tf.tensor2d([1, 2, 3, 4], [2, 2]), false);
  assert.deepEqual(gatherRows(table, tf.tensor1d([1, 0, 1], "int32")).arraySync(), [
    [3, 4],
    [1, 2],
    [3, 4],
  ]);
});

test("gradients of sums and of rows are those of finite differences", () => {
  const rows = tf.tensor1d([2, 0, 2], "int32");
  assertGradients((a, b) => sum(a as Tensor2D, b as Tensor2D), [sample(3, 4, 1), sample(3, 4, 9)]);
  assertGradients((input) => gatherRows(input as Tensor2D, rows), [sample(3, 4, 1)]);
  assertWeightGradients((table) => gatherRows(table as Parameter, rows), [sample(3, 4, 1)]);
});

test("numbers are rounded to bfloat16 and their gradient comes back in float32", async () => {
  await assertNothingKept(() => {
    // 1 + 2⁻⁸ is a tie that goes to the even 1, 1 + 3 · 2⁻⁸ one that goes to 1 + 2⁻⁶.
    const weight = new Parameter("w", tf.tensor2d([[1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -2.5]]), true);
    const { value, gradients } = gradientsOf<Parameter>(() =>
      tf.tidy(() => {
        const half = asDtype(leaf(weight), "bfloat16");
        assert.deepEqual([floatDtype(half), tensorBytes(half)], ["bfloat16", 8]);
        assert.deepEqual(cast(half, "float32").arraySync(), [[1, 1, 1 + 2 ** -6, -2.5]]);
        return weightedSum(asDtype(half, "float32"));
      }),
    );
    const gradient = gradients.get(weight);
    assert.equal(gradient && floatDtype(gradient), "float32");
    // The gradient sin(1), sin(2) … passes through bfloat16 too: within half a unit of its last place, 2⁻⁹.
    gradient?.dataSync().forEach((x, i) => {
      assert.ok(Math.abs(x - Math.sin(i + 1)) <= 2 ** -9, `gradient ${i}: ${x}`);
    });
    tf.dispose([value, ...gradients.values()]);
    weight.dispose();
  });
});

test("numbers that have the dtype already are passed on as they are", () => {
  const x = sample(2, 2, 1);
  assert.equal(asDtype(x, "float32"), x);
});
