import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readCsv } from "../../lib/files/csv";
import { Mt19937 } from "../../lib/tensor/random";
import { learnMerges, tokenizerJson } from "../../scripts/demo/bpe-trainer";
import { drawSplits, patterns, toCsv } from "../../scripts/demo/dataset";
import { Draw } from "../../scripts/demo/random";
import { DATA_SEED, drawSentences, stages, tokenizerTexts, VOCABULARY } from "../../scripts/demo/recipe";

const folder = join(__dirname, "..", "..", "data", "demo");
const file = (name: string): string => join(folder, "ethics", "data", "commonsense", `${name}.csv`);
const drawn = drawSplits(new Draw(new Mt19937(DATA_SEED)));

test("the committed CSV files are those that the script draws", () => {
  for (const [name, rows] of Object.entries(drawn.splits)) {
    assert.equal(readFileSync(file(name), "utf8"), toCsv(rows), name);
  }
});

test("the committed tokenizer is the one that the script learns", () => {
  const learned = learnMerges(tokenizerTexts(drawn.texts), VOCABULARY);
  assert.equal(readFileSync(join(folder, "model", "tokenizer.json"), "utf8"), tokenizerJson(learned));
});

test("there are at least 60 sentence patterns, each with both labels", () => {
  assert.ok(patterns.length >= 60, `${patterns.length} patterns`);
  assert.equal(new Set(patterns.map(({ id }) => id)).size, patterns.length);
  for (const { id, right, wrong } of patterns) assert.ok(right.length > 0 && wrong.length > 0, id);
});

test("no text occurs twice, within a split or across them", () => {
  const texts = ["train", "test", "test_hard"].flatMap((name) => readCsv(file(name)).rows.map(({ input }) => input));
  assert.equal(texts.length, 4200);
  assert.equal(new Set(texts).size, texts.length);
});

test("every split has both labels equally often, and short and long texts", () => {
  for (const [name, rows] of Object.entries(drawn.splits)) {
    assert.equal(rows.filter(({ label }) => label === 1).length, rows.length / 2, name);
    const long = rows.filter(({ isShort }) => !isShort).length / rows.length;
    assert.ok(long > 0.2 && long < 0.5, `${name}: ${long} long`);
  }
});

test("most words of the hard test's deeds are unknown to train", () => {
  const words = (rows: readonly { input: string }[]): Set<string> =>
    new Set(rows.flatMap(({ input }) => input.toLowerCase().match(/[a-z']+/g) ?? []));
  const known = words(drawn.splits.train);
  const hard = [...words(drawn.splits.test_hard)];
  const unknown = hard.filter((word) => !known.has(word));
  assert.ok(unknown.length / hard.length > 0.5, `${unknown.length} of ${hard.length} words`);
});

test("no sentence of the pre-training is a text of the dataset", () => {
  for (const stage of stages) {
    assert.ok(drawSentences(stage, drawn.texts).every(({ text }) => !drawn.texts.has(text)));
  }
});
