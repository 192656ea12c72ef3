import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { swapAllLabels, swapLabels } from "../../lib/ethics/swap-labels";

test("labels 0 and 1 are exchanged, any other label stays", () => {
  const row = { label: 0, input: "a" };
  assert.deepEqual(
    [swapLabels(row), row],
    [
      { label: 1, input: "a" },
      { label: 0, input: "a" },
    ],
  );
  assert.deepEqual(swapLabels({ label: 1 }), { label: 0 });
  assert.deepEqual(swapLabels({ label: -1 }), { label: -1 });
});

test("the labels of a whole split are exchanged; others are counted and reported once", () => {
  const warnings: string[] = [];
  const split = Dataset.fromRows([0, 1, 2, -1].map((label) => ({ label })));
  const swapped = swapAllLabels(split, (line) => warnings.push(line));
  assert.deepEqual(swapped.column("label"), [1, 0, 2, -1]);
  assert.deepEqual(warnings, ["`label`: expected 0 or 1, got something else in 2 of 4 rows, left as they are."]);
  swapAllLabels(split.select([0, 1]), (line) => warnings.push(line));
  assert.equal(warnings.length, 1);
});
