import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunMetrics } from "../../lib/runs/metrics";
import { trialPoints } from "../../lib/sweep/parameters";
import { SweepResult, type SweepTrial } from "../../lib/sweep/result";

const trial = (point: object, accuracy: number, loss = 1 - accuracy): SweepTrial => {
  const metrics = { final: { accuracy, loss }, baseline: { accuracy: 0.5 }, trainSeconds: 2, trainableParameters: 9 };
  return { point, folder: JSON.stringify(point), metrics: metrics as unknown as RunMetrics };
};

test("seeds repeat each point, from the shared seed up or as they are named", () => {
  const points = trialPoints({ grid: { rank: [2, 4] }, seeds: 2, parameters: { seed: 7 } });
  assert.deepEqual(
    points.map(({ name }) => name),
    ["rank-2_seed-7", "rank-2_seed-8", "rank-4_seed-7", "rank-4_seed-8"],
  );
  assert.deepEqual(
    trialPoints({ list: [{}, { rank: 2 }], seeds: [3, 3, 1] }).map(({ point }) => point),
    [{ seed: 3 }, { seed: 1 }, { rank: 2, seed: 3 }, { rank: 2, seed: 1 }],
  );
});

test("a choice of trials that makes no sense is refused by name", () => {
  const grid = { rank: [2] };
  assert.throws(() => trialPoints({}), /`grid`, `list`: expected one of them, got none/);
  assert.throws(() => trialPoints({ grid, list: [{}] }), /`grid`, `list`: expected one of them, got both/);
  assert.throws(() => trialPoints({ list: [] }), /`list`: expected at least one trial, got none/);
  assert.throws(
    () => trialPoints({ list: [{ ranks: 2 } as object] }),
    /`ranks`: expected an option .*Did you mean `rank`\?/,
  );
  for (const seeds of [0, -1, 1.5, [], [0.5]]) assert.throws(() => trialPoints({ grid, seeds }), /`seeds`: expected/);
  assert.throws(() => trialPoints({ grid: { seed: [1] }, seeds: 2 }), /`seeds`: expected trials without a seed/);
});

test("with seeds a setting is ranked by its mean, with its spread and the seconds of all its trials", () => {
  const grid = { rank: [2, 4], seed: [1, 2] };
  const trials = [
    ...[trial({ rank: 2, seed: 1 }, 0.5), trial({ rank: 2, seed: 2 }, 0.9)],
    ...[trial({ rank: 4, seed: 1 }, 0.8), trial({ rank: 4, seed: 2 }, 0.84)],
  ];
  const result = new SweepResult(grid, trials, false, { seeded: true });
  const [first, second] = result.rows;
  assert.deepEqual([first?.rank, first?.seeds, first?.seconds], [4, 2, 4]);
  assert.ok(Math.abs((first?.accuracy as number) - 0.82) < 1e-12);
  // Two values: the spread with n − 1 is their distance by the root of 2.
  assert.ok(Math.abs((second?.["accuracy ±"] as number) - 0.4 / Math.SQRT2) < 1e-12);
  assert.deepEqual(result.best?.point, { rank: 4, seed: 2 });
  assert.equal(result.trialSeconds, 8);
});

test("the metric decides the order, and a lower loss is a better one", () => {
  const trials = [trial({ rank: 2 }, 0.9, 0.7), trial({ rank: 4 }, 0.8, 0.3)];
  const best = (metric: "accuracy" | "loss"): unknown =>
    new SweepResult({ rank: [2, 4] }, trials, false, { metric }).best?.point;
  assert.deepEqual([best("accuracy"), best("loss")], [{ rank: 2 }, { rank: 4 }]);
});
