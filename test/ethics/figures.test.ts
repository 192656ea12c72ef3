import assert from "node:assert/strict";
import { test } from "node:test";
import { groupExactMatch, pairAccuracy } from "../../lib/ethics/figures";
import { meanEntropy, softmax } from "../../lib/evaluate/metrics";
import { assertClose } from "../support/golden";
import { logitsChoosing } from "../support/predictions";

test("a group counts when all its rows are right", () => {
  const labels = [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0];
  assert.equal(groupExactMatch({ predictions: logitsChoosing(labels), labels }, 4), 1);
  const oneWrong = labels.map((label, i) => (i === 5 ? 1 - label : label));
  assert.equal(groupExactMatch({ predictions: logitsChoosing(oneWrong), labels }, 4), 2 / 3);
  assert.equal(groupExactMatch({ predictions: logitsChoosing(oneWrong), labels }, 1), 11 / 12);
  const allWrong = labels.map((label) => 1 - label);
  assert.equal(groupExactMatch({ predictions: logitsChoosing(allWrong), labels }, 4), 0);
});

test("always answering 0 gets none of virtue's groups right, though most rows", () => {
  const labels = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0];
  assert.equal(groupExactMatch({ predictions: logitsChoosing(labels.map(() => 0)), labels }, 5), 0);
});

test("rows that are not whole groups are refused", () => {
  const labels = [0, 1, 0];
  assert.throws(() => groupExactMatch({ predictions: logitsChoosing(labels), labels }, 4), /whole groups of 4, got 3/);
});

test("the share of pairs counts those whose first score is higher, not equal ones", () => {
  const predictions = [
    [2, 1],
    [0.5, 0.5],
    [-3, -2],
    [-2, -3],
  ].map((scores) => Float32Array.from(scores));
  assert.equal(pairAccuracy({ predictions }), 0.5);
});

test("entropy is 0 for certain predictions and ln 2 for undecided ones of two labels", () => {
  assert.equal(meanEntropy([[1, 0]]), 0);
  assertClose(meanEntropy([[0.5, 0.5]]), Math.LN2, { absolute: 1e-12 });
  assertClose(meanEntropy([[0, 1], softmax([3, 3])]), Math.LN2 / 2, { absolute: 1e-12 });
  // −0.9 ln 0.9 − 0.1 ln 0.1
  assertClose(meanEntropy([[0.9, 0.1]]), 0.3250829733914482, { absolute: 1e-12 });
});
