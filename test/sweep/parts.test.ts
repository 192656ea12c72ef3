import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ETHICS_PARTS } from "../../lib/ethics/parts";
import type { TrialParameters } from "../../lib/sweep/parameters";
import { type SweepOptions, sweep } from "../../lib/sweep/sweep";
import { temporaryFolder } from "../support/folders";
import { fixture } from "../support/golden";
import { assertNothingKept } from "../support/memory";

/** A sweep of the demo's model over one rank, on rows of a part. */
function partSweep(config: TrialParameters["config"], more: Partial<TrialParameters> = {}): SweepOptions {
  const parameters = { demo: true, dataset: fixture("ethics"), config, evalSplit: "validation", evalLimit: 7, ...more };
  return { grid: { rank: [2] }, out: temporaryFolder(), parameters };
}

for (const config of ["justice", "deontology", "virtue"] as const) {
  test(`trials of ${config} train the head, and are evaluated on whole groups with the paper's figure`, async () => {
    const options = partSweep(config);
    const { rows, trials } = await sweep(options);
    const { metrics, folder } = trials[0] ?? assert.fail();
    assert.equal(metrics.trainHead, true);
    assert.equal(metrics.evalRows, ETHICS_PARTS[config].groupSize);
    const adapter = JSON.parse(readFileSync(join(folder, "adapter", "adapter_config.json"), "utf8"));
    assert.equal(adapter.task_type, "SEQ_CLS");
    for (const { exactMatch } of [metrics.baseline, metrics.final]) assert.ok(exactMatch === 0 || exactMatch === 1);
    assert.deepEqual(Object.keys(rows[0] ?? {}).slice(0, 3), ["rank", "accuracy", "exactMatch"]);
    assert.equal(JSON.parse(readFileSync(join(folder, "trial.json"), "utf8")).trainHead, true);
  });
}

test("trials of utilitarianism rank pairs with a head of one output", async () => {
  const { trials } = await assertNothingKept(() => sweep(partSweep("utilitarianism")));
  const { metrics, folder } = trials[0] ?? assert.fail();
  assert.deepEqual([metrics.trainHead, metrics.config], [true, "utilitarianism"]);
  assert.equal(metrics.final.pairAccuracy, metrics.final.accuracy);
  const adapter = JSON.parse(readFileSync(join(folder, "adapter", "adapter_config.json"), "utf8"));
  assert.equal(adapter.task_type, "SEQ_CLS");
});

test("the evaluation before training that a finished trial passes on has the paper's metric too", async () => {
  const options = partSweep("justice");
  const [first] = (await sweep(options)).trials;
  const { trials } = await sweep({ ...options, grid: { rank: [2, 4] } });
  assert.deepEqual(trials[1]?.metrics.baseline, first?.metrics.baseline);
  assert.equal(trials[1]?.metrics.evalSeconds, first?.metrics.evalSeconds);
});

test("a split without groups is refused before anything is trained, where the part has groups", async () => {
  let begun = 0;
  const listener = { onTrialBegin: () => void begun++ };
  await assert.rejects(sweep({ ...partSweep("virtue", { evalSplit: "train" }), listener }), {
    name: "RangeError",
    message: "`evalSplit`: expected validation or test, where virtue has groups of 5 rows, got train.",
  });
  assert.equal(begun, 0);
});
