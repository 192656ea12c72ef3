import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compare, summarize, withAndWithoutDropout } from "../../scripts/bench/compare";
import { comparisonTables } from "../../scripts/bench/comparison-table";
import { measure } from "../../scripts/bench/measure";
import { figuresOf } from "../../scripts/bench/runs";
import { temporaryFolder } from "../support/folders";
import { tinyInputs } from "./inputs";

/** A stand-in for the peer's Python: always the same seconds and losses. */
function standIn(): string {
  const file = join(temporaryFolder(), "python");
  writeFileSync(
    file,
    `#!${process.execPath}
const [first, inputs, job, ...options] = process.argv.slice(2);
if (first === "-c") console.log('{"torch": "0"}');
else {
  const config = JSON.parse(require("fs").readFileSync(inputs + "/model/config.json"));
  const dtype = options[options.indexOf("--dtype") + 1];
  const seconds = options.includes("--group-by-length") ? 5 : 10;
  console.log("{'loss': '0.5'}");
  console.log(JSON.stringify({ who: "hf", job, dtype, dropout: config.hidden_dropout_prob, seconds, peak_rss_bytes: 4e9, losses: [0.5, 0.25], cpu_seconds: 0 }));
}`,
  );
  chmodSync(file, 0o755);
  return file;
}

test("a comparison pairs each run with the peer's, with dropout and without, and writes what it found", async () => {
  const out = join(temporaryFolder(), "figures.json");
  const inputs = tinyInputs({ batches: 2, dropout: 0.1 });
  const options = { inputs, peer: standIn(), pairs: 1, steps: 1, evalBatch: 8, out };
  const report = await compare({ ...options, jobs: ["train", "eval"], dtypes: ["float32", "bfloat16"] });
  assert.deepEqual(JSON.parse(readFileSync(out, "utf8")).comparisons, JSON.parse(JSON.stringify(report)).comparisons);
  const { comparisons } = report as { comparisons: ReturnType<typeof summarize> };
  assert.deepEqual(
    comparisons.map(({ job, dropout, dtype, peerDtype, peerWay }) => [job, dropout, dtype, peerDtype, peerWay]),
    [
      ["train", 0.1, "float32", "float32", "as the notebook"],
      ["train", 0.1, "bfloat16", "float32", "as the notebook"],
      ["train", 0.1, "bfloat16", "bfloat16", "as the notebook"],
      ["train", 0, "float32", "float32", "as the notebook"],
      ["train", 0, "bfloat16", "float32", "as the notebook"],
      ["train", 0, "bfloat16", "bfloat16", "as the notebook"],
      ["eval", 0, "float32", "float32", "as the notebook"],
      ["eval", 0, "float32", "float32", "at its best"],
      ["eval", 0, "bfloat16", "bfloat16", "as the notebook"],
      ["eval", 0, "bfloat16", "bfloat16", "at its best"],
    ],
  );
  for (const { ratios, memory, othersShare } of comparisons) {
    assert.ok(othersShare >= 0 && othersShare <= 1);
    assert.equal(ratios.length, 1);
    assert.equal(memory.peer, 4e9);
  }
});

test("ratios are the peer's time over ours, and the losses are compared before the first update", async () => {
  const inputs = tinyInputs({ batches: 2 });
  const { profile: _, ...ours } = await measure({
    ...{ job: "train", inputs, steps: 1, dtype: "float32", rank: 2, optim: "adamw" },
  });
  const pairs = [2, 1, 4].map((ratio) => ({
    ...{ job: "train" as const, dropout: 0, dtype: "float32" as const, peerDtype: "float32" as const },
    ...{ peerWay: "as the notebook" as const, ratio },
    ours: { ...ours, losses: [0.5, 0.4], peak_rss_bytes: 2e9, floor_share: 0.6, others_share: 0 },
    peer: { ...ours, losses: [0.5 + ratio / 1024, 0.1], peak_rss_bytes: 3e9, others_share: ratio / 10 },
  }));
  const [comparison, ...others] = summarize(pairs);
  assert.ok(comparison);
  assert.equal(others.length, 0);
  assert.deepEqual(comparison.ratio, { median: 2, lowerQuartile: 1.5, min: 1, max: 4 });
  assert.deepEqual(comparison.memory, { ours: 2e9, peer: 3e9, ratio: 1.5 });
  assert.equal(comparison.firstLossDifference, 4 / 1024);
  const table = comparisonTables([comparison]);
  assert.match(table, /train +0 +float32 +float32 +3 +2\.00 +1\.50 +1\.00–4\.00 +2\.00 +3\.00 +1\.50 +60 % +40 %/);
  assert.match(table, /0\.50000 0\.40000 +0\.50195 0\.10000 +3\.9e-3/);
});

test("a model without dropout is compared as it is; of one with dropout there is a copy without", () => {
  const without = tinyInputs({ batches: 1 });
  assert.deepEqual(withAndWithoutDropout(without, join(temporaryFolder(), "copy")), [without]);
  const inputs = tinyInputs({ batches: 1, dropout: 0.1 });
  const copy = join(temporaryFolder(), "copy");
  assert.deepEqual(withAndWithoutDropout(inputs, copy), [inputs, copy]);
  const config = JSON.parse(readFileSync(join(copy, "model", "config.json"), "utf8"));
  assert.deepEqual(
    [config.hidden_dropout_prob, config.attention_probs_dropout_prob, config.classifier_dropout],
    [0, 0, 0],
  );
  for (const name of ["batches.json", "model/model.safetensors"]) {
    assert.deepEqual(readFileSync(join(copy, name)), readFileSync(join(inputs, name)));
  }
  // The original keeps its own.
  assert.equal(JSON.parse(readFileSync(join(inputs, "model", "config.json"), "utf8")).hidden_dropout_prob, 0.1);
});

test("a Python without the peer's packages is refused before anything is measured", async () => {
  const options = { inputs: tinyInputs({ batches: 2 }), pairs: 1, steps: 1, evalBatch: 8, out: undefined };
  const asked = { ...options, peer: "/no/such/python", jobs: ["train" as const], dtypes: ["float32" as const] };
  await assert.rejects(
    compare(asked),
    /`--peer`: expected a Python with torch, transformers, peft, accelerate, got \/no.* -m venv runs\/peer && runs\/peer/,
  );
});

test("the figures of a run are read from the last line that it prints", () => {
  assert.equal(figuresOf("{'loss': 1}\n{\"seconds\": 3}\n").seconds, 3);
  assert.throws(() => figuresOf("no figures"), /expected JSON, got "no figures"/);
});
