import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { keepEarlierRun } from "../../lib/runs/earlier-runs";
import { temporaryFolder, writeFiles } from "../support/folders";

const filesOf = (rank: number) => ({
  "log.jsonl": `${rank}`,
  "metrics.json": { rank },
  "checkpoints/checkpoint-1/trainer_state.json": { rank },
  "adapter/adapter_config.json": { rank },
  "ethics.ipynb": { rank },
});

test("each earlier run moves whole into a folder of its own, and the sweep stays", () => {
  const out = temporaryFolder();
  assert.equal(keepEarlierRun(out), undefined);
  writeFiles(out, { "sweep/rank-2/metrics.json": {}, "log.jsonl": "the run that begins" });
  assert.equal(keepEarlierRun(out), undefined);
  for (const [i, rank] of [8, 16].entries()) {
    writeFiles(out, filesOf(rank));
    assert.equal(keepEarlierRun(out), join(out, "earlier", `${i + 1}`));
    assert.deepEqual(readdirSync(out).sort(), ["earlier", "sweep"]);
    const kept = Object.keys(filesOf(rank)).map((name) => readFileSync(join(out, "earlier", `${i + 1}`, name), "utf8"));
    assert.ok(kept.every((text) => text.includes(`${rank}`)));
  }
});

test("an interrupted move is completed by the next one", () => {
  const out = temporaryFolder();
  const { "checkpoints/checkpoint-1/trainer_state.json": checkpoint, ...rest } = filesOf(8);
  const moved = Object.entries(rest).map(([name, content]) => [`earlier/.moving/${name}`, content]);
  writeFiles(out, { ...Object.fromEntries(moved), "checkpoints/checkpoint-1/trainer_state.json": checkpoint });
  assert.equal(keepEarlierRun(out), join(out, "earlier/1"));
  for (const name of Object.keys(filesOf(8))) assert.ok(existsSync(join(out, "earlier/1", name)), name);
  assert.deepEqual(readdirSync(out), ["earlier"]);
});
