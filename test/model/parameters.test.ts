import assert from "node:assert/strict";
import { test } from "node:test";
import { countElements, Parameter, trainable } from "../../lib/model/parameters";
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
