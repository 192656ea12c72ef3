import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { rowsWithinBudget } from "../../lib/train/budget";
import { assertNothingKept } from "../support/memory";
import { TINY_ROWS, tinyModel } from "../support/tiny";

const rows = Dataset.fromRows(Array.from({ length: 40 }, (_, i) => TINY_ROWS[i % 5] as (typeof TINY_ROWS)[number]));
const plan = {
  trainDataset: rows,
  evalDataset: rows.select(Array(20).keys()),
  batchSize: 4,
  epochs: 1,
  evaluations: 2,
  seed: 1,
};

test("what fits into the time is left whole, and nothing is kept of the measurement", async () => {
  const model = tinyModel();
  const budget = await assertNothingKept(() => rowsWithinBudget({ model, ...plan }));
  assert.deepEqual([budget.trainRows, budget.evalRows], [40, 20]);
  assert.ok(budget.minutesForAll > 0 && budget.minutesForAll < 1, `${budget.minutesForAll} minutes`);
});

test("too little time leaves one batch of each split", async () => {
  const model = tinyModel();
  const none = await rowsWithinBudget({ model, ...plan, minutes: 1e-9 });
  assert.deepEqual([none.trainRows, none.evalRows], [4, 4]);
});
