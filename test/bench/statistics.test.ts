import assert from "node:assert/strict";
import { test } from "node:test";
import { median, quantile, spread } from "../../scripts/bench/statistics";

test("the median is the middle value, or the mean of the two in the middle, in any order", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 10, 2]), 3);
  assert.equal(median([7]), 7);
});

test("quantiles lie on straight lines between neighbours, as numpy's", () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.75, 1])
  assert.deepEqual(
    [0, 0.25, 0.5, 0.75, 1].map((share) => quantile([8, 1, 4, 2], share)),
    [1, 1.75, 3, 5, 8],
  );
});

test("a spread leaves the values as they are", () => {
  const values = [1.5, 1.1, 1.3, 1.9, 1.2];
  assert.deepEqual(spread(values), { median: 1.3, lowerQuartile: 1.2, min: 1.1, max: 1.9 });
  assert.deepEqual(values, [1.5, 1.1, 1.3, 1.9, 1.2]);
});

test("an empty list has no median and is refused", () => {
  assert.throws(() => median([]), /expected at least one number, got none/);
});
