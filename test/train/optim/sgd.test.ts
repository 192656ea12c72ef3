import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../../lib/tensor/tensorflow";
import { SgdRule } from "../../../lib/train/optim/sgd";
import { assertClose } from "../../support/golden";

test("a step goes down the gradient, to which a share of the parameters is added", () => {
  const step = { count: 1, learningRate: 0.1 };
  const [parameters, gradients] = [tf.tensor1d([1, -2]), tf.tensor1d([3, 4])];
  // p − 0.1 (g + 0.5 p)
  assertClose(new SgdRule(0.5).update(parameters, gradients, step).dataSync(), [0.65, -2.3], { absolute: 1e-6 });
  const plain = new SgdRule(0);
  assertClose(plain.update(parameters, gradients, step).dataSync(), [0.7, -2.4], { absolute: 1e-6 });
  assert.deepEqual(plain.state, {});
  plain.dispose();
});
