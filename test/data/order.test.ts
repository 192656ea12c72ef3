import assert from "node:assert/strict";
import { test } from "node:test";
import { epochOrder, tokenBudgetPacks } from "../../lib/data/order";
import { readFixture } from "../support/golden";

test("rows are read in the order of the reference Trainer, epoch by epoch", () => {
  const { row_order_as_read: order, spec } = readFixture<{
    row_order_as_read: number[];
    spec: { rows: number; epochs: number; train_seed: number };
  }>("trainer", "trainer.json");
  const ours = Array.from({ length: spec.epochs }, (_, epoch) => [...epochOrder(spec.rows, spec.train_seed, epoch)]);
  assert.deepEqual(ours.flat(), order);
});

test("packs hold rows of similar length and stay within the budget", () => {
  assert.deepEqual(tokenBudgetPacks([5, 1, 3, 2, 4], 6), [[1, 3, 2], [4], [0]]);
});

test("a row longer than the budget is a pack of its own", () => {
  assert.deepEqual(tokenBudgetPacks([9, 1, 9], 3), [[1], [0], [2]]);
});

test("no rows make no packs, and every row is in exactly one pack", () => {
  assert.deepEqual(tokenBudgetPacks([], 10), []);
  const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 37) % 50));
  const packs = tokenBudgetPacks(lengths, 100);
  assert.deepEqual(
    packs.flat().sort((a, b) => a - b),
    [...lengths.keys()],
  );
  assert.ok(packs.every((pack) => pack.reduce((sum, i) => sum + (lengths[i] as number), 0) <= 100));
});
