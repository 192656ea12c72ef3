import assert from "node:assert/strict";
import { test } from "node:test";
import { countElements, Parameter, trainable } from "../../lib/model/parameters";
import { cast } from "../../lib/tensor/raw-op";
import { tf } from "../../lib/tensor/tensorflow";
import { assertNothingKept } from "../support/memory";

test("parameters are counted and filtered by whether they are trained", () => {
  const parameters = [
    new Parameter("a", tf.zeros([2, 3]), true),
    new Parameter("b", tf.zeros([4]), false),
    new Parameter("c", tf.zeros([]), true),
  ];
  assert.equal(countElements(parameters), 11);
  assert.equal(
    countElements(parameters, ({ requiresGrad }) => requiresGrad),
    7,
  );
  assert.deepEqual(
    trainable(parameters).map(({ name }) => name),
    ["a", "c"],
  );
});

test("a parameter owns its first value and frees it when disposed of", async () => {
  await assertNothingKept(() => {
    const parameter = new Parameter("a", tf.tensor1d([1, 2]), true);
    assert.deepEqual([...parameter.value.dataSync()], [1, 2]);
    parameter.dispose();
  });
});

test("a table of more than 2^24 numbers is read too, and a bfloat16 one keeps nothing", async () => {
  const many = new Float32Array(2 ** 24 + 1);
  const bits = new Uint32Array(many.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = i;
  const large = new Parameter("a", tf.tensor1d(many), false);
  assert.ok(Buffer.from(large.values().buffer).equals(Buffer.from(many.buffer)));
  large.dispose();
  const half = new Parameter("b", cast(tf.tensor1d([1, 2]), "bfloat16"), false);
  await assertNothingKept(() => assert.deepEqual([...half.values()], [1, 2]));
  half.dispose();
});
