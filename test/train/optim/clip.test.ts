import assert from "node:assert/strict";
import { test } from "node:test";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import { clipGradNorm } from "../../../lib/train/optim/clip";
import { assertClose } from "../../support/golden";
import { assertNothingKept } from "../../support/memory";

function clip(gradients: number[][], maxNorm: number): { clipped: number[][]; norm: number } {
  const { clipped, norm } = clipGradNorm(
    gradients.map((gradient): Tensor => tf.tensor1d(gradient)),
    maxNorm,
  );
  const result = { clipped: clipped.map((tensor) => [...tensor.dataSync()]), norm: norm.dataSync()[0] as number };
  tf.dispose([norm, ...clipped]);
  return result;
}

test("gradients above the limit are scaled down together, and the norm returned is the one before clipping", async () => {
  await assertNothingKept(() => {
    // √(3² + 4² + 12²) = 13
    const { clipped, norm } = clip([[3, 4], [12]], 1);
    assert.equal(norm, 13);
    assertClose(clipped, [[3 / 13, 4 / 13], [12 / 13]], { absolute: 1e-6 });
  });
});

test("gradients below the limit stay as they are", () => {
  assert.deepEqual(clip([[0.25, 0.5]], 1).clipped, [[0.25, 0.5]]);
});

test("gradients of zero stay zero", () => {
  assert.deepEqual(clip([[0, 0]], 1), { clipped: [[0, 0]], norm: 0 });
});

test("a gradient at the limit is scaled by maxNorm / (norm + 1e-6), as in torch", () => {
  const value = clip([[1]], 1).clipped[0]?.[0] as number;
  assert.ok(value < 1, `${value}`);
  assertClose(value, 1 / (1 + 1e-6), { absolute: 1e-7 });
});
