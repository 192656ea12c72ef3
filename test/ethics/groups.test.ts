import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { countGroups, sampleGroups } from "../../lib/ethics/groups";
import { Mt19937 } from "../../lib/tensor/random";

const split = Dataset.fromRows(Array.from({ length: 20 }, (_, i) => ({ number: i })));

test("a sample is of whole groups, their rows in order, the groups drawn by the seed", () => {
  const sample = sampleGroups(split, 4, 3, 42);
  const groups = Array.from(new Mt19937(42).randperm(5).slice(0, 3));
  assert.deepEqual(
    sample.column("number"),
    groups.flatMap((group) => [0, 1, 2, 3].map((i) => 4 * group + i)),
  );
  assert.deepEqual(sampleGroups(split, 4, 3, 42).rows(), sample.rows());
  assert.notDeepEqual(sampleGroups(split, 4, 3, 1).rows(), sample.rows());
});

test("a limit above the number of groups leaves all rows as they are", () => {
  assert.equal(sampleGroups(split, 5, 4, 42), split);
  assert.equal(sampleGroups(split, 1, 100, 42), split);
});

test("rows that are not whole groups are refused", () => {
  assert.throws(() => sampleGroups(split, 3, 1, 42), {
    name: "RangeError",
    message:
      "rows: expected whole groups of 3, got 20. Only ETHICS's validation and test splits have groups; sampleGroups() keeps them whole.",
  });
  assert.throws(() => countGroups(20, 0), /^RangeError: `size`: expected a positive integer, got 0\.$/);
  assert.equal(countGroups(20, 5), 4);
});
