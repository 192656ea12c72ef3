import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { rowsWithinBudget } from "../../lib/train/budget";
import { estimateMemory } from "../../lib/train/guards/memory-estimate";
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

/** Lets each measured training step take two seconds, and each measured evaluation one. */
function setClock(t: TestContext): void {
  let calls = 0;
  t.mock.method(performance, "now", () => [0, 2000, 2000, 3000][calls++ % 4] as number);
}

test("what fits into the time is left whole, and nothing is kept of the measurement", async (t) => {
  setClock(t);
  const model = tinyModel();
  const budget = await assertNothingKept(() => rowsWithinBudget({ model, ...plan }));
  assert.deepEqual([budget.trainRows, budget.evalRows], [40, 20]);
  assert.ok(budget.minutesForAll > 0 && budget.minutesForAll < 1, `${budget.minutesForAll} minutes`);
  assert.equal(budget.memoryBytes, estimateMemory(model, Array(4).fill(TINY_ROWS[2])));
});

test("both splits are scaled by the share of the time that there is", async (t) => {
  setClock(t);
  const model = tinyModel();
  const alike = rows.select(Array.from({ length: 40 }, (_, i) => 5 * (i % 8)));
  const splits = { trainDataset: alike, evalDataset: alike.select(Array(20).keys()) };
  // Ten batches to train on take 20 s an epoch, five to evaluate twice 10 s.
  const once = await rowsWithinBudget({ model, ...plan, ...splits, minutes: 0.26 });
  assert.ok(Math.abs(once.minutesForAll - 30 / 60) < 1e-9, `${once.minutesForAll}`);
  // 0.26 of 0.5 minutes: 0.52 of 40 rows and of 20.
  assert.deepEqual([once.trainRows, once.evalRows], [20, 10]);
  const twice = await rowsWithinBudget({ model, ...plan, ...splits, epochs: 2, minutes: 0.26 });
  assert.ok(Math.abs(twice.minutesForAll - 50 / 60) < 1e-9, `${twice.minutesForAll}`);
  // 0.26 of 0.833 minutes: 0.312 of 40 rows and of 20.
  assert.deepEqual([twice.trainRows, twice.evalRows], [12, 6]);
});

test("too little time leaves one batch of each split", async () => {
  const model = tinyModel();
  const none = await rowsWithinBudget({ model, ...plan, minutes: 1e-9 });
  assert.deepEqual([none.trainRows, none.evalRows], [4, 4]);
});
