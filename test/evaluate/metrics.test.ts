import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracy, argmax, softmax } from "../../lib/evaluate/metrics";
import { assertClose } from "../support/golden";

test("accuracy is the share of rows whose largest logit is the right label's", () => {
  const predictions = [
    [1, 2],
    [3, 0],
    [0, 5],
    [1, 0],
  ].map((row) => Float32Array.from(row));
  assert.equal(accuracy({ predictions, labels: [1, 0, 0, 0] }), 0.75);
});

test("argmax takes the first of equals", () => {
  assert.deepEqual([argmax([1, 3, 3]), argmax([-2, -1]), argmax([5])], [1, 1, 0]);
});

test("softmax gives probabilities, whatever the size of the logits", () => {
  assertClose(softmax([0, Math.log(3)]), [0.25, 0.75], { absolute: 1e-12 });
  assertClose(softmax([1000, 1000]), [0.5, 0.5], { absolute: 1e-12 });
});
