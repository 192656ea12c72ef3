import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import { readNotebook } from "../../scripts/notebook/notebook";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";
import { explore, start } from "../support/start";

const own = process.env.ETHICS_DATA ?? "";
const all = Object.keys(ETHICS_PARTS) as EthicsConfig[];
const folder = temporaryFolder();

/** Runs the embedded model on a part of ETHICS as `npm start` does. */
async function run(
  dataset: string,
  config: EthicsConfig,
  limit: number,
): Promise<{ metrics: RunMetrics; stdout: string }> {
  const out = join(folder, `${config}-${limit}`);
  // A copy of commonsense may lack its training file, which is the largest.
  const train = config === "commonsense" ? "validation" : "train";
  const options = ["--demo", "--dataset", dataset, "--config", config, "--train-split", train, "--out", out];
  const limits = ["--train-limit", `${limit}`, "--eval-limit", `${limit}`];
  const { code, stdout, stderr } = await start([...options, ...limits]);
  assert.equal(code, 0, stdout + stderr);
  const metrics = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8")) as RunMetrics;
  assert.deepEqual(missingMetrics({ ...metrics }), []);
  return { metrics, stdout };
}

function outputOf(config: EthicsConfig, limit: number, tag: string, notebook = "ethics"): string {
  const { cells } = readNotebook(join(folder, `${config}-${limit}`, `${notebook}.ipynb`));
  return JSON.stringify(cells.find(({ metadata }) => metadata.tags?.includes(tag))?.outputs);
}

/** The part's own figures stand beside accuracy, and are shares of whole groups. */
function checkFigures(config: EthicsConfig, { baseline, final, validation, evalRows, trainHead }: RunMetrics): void {
  const { groupSize } = ETHICS_PARTS[config];
  const own = config === "utilitarianism" ? "pairAccuracy" : groupSize > 1 ? "exactMatch" : undefined;
  assert.equal(evalRows % groupSize, 0);
  assert.equal(trainHead, own !== undefined);
  for (const result of [baseline, final]) {
    assert.deepEqual(Object.keys(result), ["loss", "accuracy", ...(own ? [own] : [])]);
    if (own === undefined) continue;
    const right = ((result[own] as number) * evalRows) / groupSize;
    assert.ok(Math.abs(right - Math.round(right)) < 1e-9 && (result[own] as number) <= result.accuracy, `${right}`);
  }
  if (own !== undefined) assert.deepEqual(Object.keys(validation[own] ?? {}), ["before", "after"]);
}

test("a run of justice samples whole groups, trains the head and tells groups from rows", {
  timeout: 200_000,
}, async () => {
  const { metrics, stdout } = await run(fixture("ethics"), "justice", 7);
  assert.equal(metrics.evalRows, 4);
  checkFigures("justice", metrics);
  assert.match(stdout, /test, groups all right/);
  const { code, stderr } = await explore(join(folder, "justice-7"));
  assert.equal(code, 0, stderr);
  assert.match(outputOf("justice", 7, "published", "explore"), /56\.7 %.*38\.0 %/);
  assert.match(outputOf("justice", 7, "disagreement", "explore"), /no file of scenarios that divide people/);
});

test("a run of utilitarianism ranks pairs with a new head", { timeout: 200_000 }, async () => {
  const pairs = (count: number): string =>
    Array.from({ length: count }, (_, i) => `I had ${i + 2} cups of tea.,"I had tea, and ${i + 2} cups broke."\n`).join(
      "",
    );
  const files = { "util_train.csv": pairs(8), "util_test.csv": pairs(4), "util_test_hard.csv": pairs(6) };
  const { metrics, stdout } = await run(writeFiles(temporaryFolder(), files), "utilitarianism", 5);
  assert.deepEqual([metrics.trainRows, metrics.evalRows, metrics.steps], [5, 5, 2]);
  checkFigures("utilitarianism", metrics);
  assert.match(stdout, /test, pairs ranked right/);
  assert.match(outputOf("utilitarianism", 5, "lora"), /classifier\.out_proj with numLabels 1: they are new/);
});

for (const config of all) {
  const skip = own === "" ? "ETHICS_DATA names no folder with the dataset's own files" : false;
  test(`an epoch over 64 rows of ${config}'s own files, through npm start`, { skip, timeout: 200_000 }, async () => {
    const { metrics } = await run(own, config, 64);
    assert.deepEqual([metrics.config, metrics.trainRows, metrics.steps], [config, 64, 16]);
    assert.equal(metrics.evalRows, config === "virtue" ? 60 : 64);
    checkFigures(config, metrics);
    const { code, stderr } = await explore(join(folder, `${config}-64`));
    assert.equal(code, 0, stderr);
    const looked = /disagree/.test(outputOf(config, 64, "disagreement", "explore"));
    assert.equal(looked, config === "commonsense");
  });
}
