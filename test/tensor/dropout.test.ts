import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/tensor/autodiff";
import { DropoutStream, dropout } from "../../lib/tensor/dropout";
import { asDtype } from "../../lib/tensor/ops/basics";
import { cast, floatDtype } from "../../lib/tensor/raw-op";
import { type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { leaf } from "../support/gradients";
import { assertNothingKept } from "../support/memory";

const ones = tf.ones([100, 100]) as Tensor2D;

function mask(seed: number, step: number, site = 0, rate = 0.3): number[] {
  const stream = new DropoutStream(seed, step);
  for (let i = 0; i < site; i++) stream.next();
  return tf.tidy(() => [...dropout(ones, rate, stream).dataSync()]);
}

test("a share of the elements is dropped, the others grow to keep the mean", () => {
  const values = mask(1, 0);
  assert.deepEqual([...new Set(values)].sort(), [0, Math.fround(1 / 0.7)]);
  // 10,000 draws: within four standard errors, 4 · √(0.3 · 0.7 / 10000), of 30 %.
  const dropped = values.filter((value) => value === 0).length / values.length;
  assert.ok(Math.abs(dropped - 0.3) < 0.0184, `dropped ${dropped}`);
});

test("the mask depends on seed, step and place alone", () => {
  assert.deepEqual(mask(1, 0), mask(1, 0));
  const masks = [mask(1, 0), mask(2, 0), mask(1, 1), mask(1, 0, 1), mask(1, 0, 2), mask(0, 1), mask(2, 1)];
  assert.equal(new Set(masks.map((values) => values.join())).size, masks.length);
});

test("without a stream or with rate 0 nothing is dropped", () => {
  assert.equal(dropout(ones, 0.5, undefined), ones);
  assert.equal(dropout(ones, 0, new DropoutStream(1, 0)), ones);
});

test("a bfloat16 input has the same elements dropped, and result and gradient are float32", () => {
  const half = cast(ones, "bfloat16");
  const dropped = dropout(half, 0.3, new DropoutStream(1, 0));
  assert.equal(floatDtype(dropped), "float32");
  assert.deepEqual([...dropped.dataSync()], mask(1, 0));
  const weight = new Parameter("w", ones.clone(), true);
  const { value, gradients } = gradientsOf<Parameter>(() =>
    tf.tidy(() => dropout(asDtype(leaf(weight), "bfloat16"), 0.3, new DropoutStream(1, 0))),
  );
  assert.deepEqual([...(gradients.get(weight)?.dataSync() ?? [])], mask(1, 0));
  tf.dispose([value, ...gradients.values(), dropped, half]);
  weight.dispose();
});

test("the gradient passes where the values passed, and nothing is kept", async () => {
  const weight = new Parameter("w", ones.clone(), true);
  await assertNothingKept(() => {
    let forward: number[] = [];
    const { value, gradients } = gradientsOf<Parameter>(() => {
      const dropped = tf.tidy(() => dropout(leaf(weight), 0.3, new DropoutStream(1, 0)));
      forward = [...dropped.dataSync()];
      return dropped;
    });
    assert.deepEqual([...(gradients.get(weight)?.dataSync() ?? [])], forward);
    tf.dispose([value, ...gradients.values()]);
  });
});
