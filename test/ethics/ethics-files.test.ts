import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAmbiguous, loadEthics } from "../../lib/ethics/dataset";
import type { EthicsConfig } from "../../lib/ethics/parts";

// The dataset's own files are not part of the project: a folder that holds them may be named.
const folder = process.env.ETHICS_DATA ?? "";
const skip = folder === "" ? "ETHICS_DATA names no folder with the dataset's own files" : false;

/** Rows of train, test and test_hard; commonsense's train file may be missing from a copy. */
const COUNTS: [EthicsConfig, train: number, test: number, hard: number][] = [
  ["commonsense", 13910, 3885, 3964],
  ["deontology", 18164, 3596, 3536],
  ["justice", 21791, 2704, 2052],
  ["utilitarianism", 13738, 4808, 4272],
  ["virtue", 28245, 4975, 4780],
];

for (const [config, train, validation, hard] of COUNTS) {
  test(`the files of ${config} have the rows of the paper's dataset`, { skip }, async () => {
    const splits = await loadEthics(folder, { config });
    const counts: Record<string, number> = { train, validation, test: hard };
    const names = config === "commonsense" ? splits.names : Object.keys(counts);
    for (const name of names) assert.equal(splits.get(name).numRows, counts[name], name);
  });
}

test("the hard test of commonsense has 2,091 rows of label 1, its larger class", { skip }, async () => {
  const labels = (await loadEthics(folder)).test.column("label");
  assert.equal(labels.filter((label) => label === 1).length, 2091);
});

test("a group of deontology has one scenario, one of virtue one text with one trait that fits", { skip }, async () => {
  const deontology = await loadEthics(folder, { config: "deontology" });
  const virtue = await loadEthics(folder, { config: "virtue" });
  for (const name of ["validation", "test"]) {
    const scenarios = deontology.get(name).column("scenario");
    assert.ok(scenarios.every((text, i) => text === scenarios[i - (i % 4)]));
    const rows = virtue.get(name).rows();
    const texts = rows.map(({ scenario }) => (scenario as string).split(" [SEP] ")[0]);
    assert.ok(texts.every((text, i) => text === texts[i - (i % 5)]));
    for (let i = 0; i < rows.length; i += 5) {
      assert.equal(rows.slice(i, i + 5).filter(({ label }) => label === 1).length, 1, `${name}, group at row ${i}`);
    }
  }
});

test("the first pair of utilitarianism is kept", { skip }, async () => {
  const { train } = await loadEthics(folder, { config: "utilitarianism" });
  assert.match(train.get(0).baseline as string, /^I built a sandcastle with my nephew\. /);
});

test("there are 995 scenarios on which people disagree", { skip }, async () => {
  assert.equal((await loadAmbiguous(folder)).numRows, 995);
});
