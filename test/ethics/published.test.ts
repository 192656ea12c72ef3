import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLISHED_RESULTS, PUBLISHED_SOURCE, publishedScores } from "../../lib/ethics/published";
import { assertClose } from "../support/golden";

const PARTS = ["justice", "deontology", "virtue", "utilitarianism", "commonsense"] as const;

test("each published average is that of its five scores", () => {
  for (const { model, scores } of PUBLISHED_RESULTS) {
    for (const split of ["test", "hardTest"] as const) {
      const mean = PARTS.reduce((sum, part) => sum + scores[part][split], 0) / PARTS.length;
      // Scores and averages are rounded to 0.1, each by up to 0.05.
      assertClose(scores.average[split], mean, { absolute: 0.1 + 1e-9 }, `${model}, ${split}`);
    }
  }
});

test("the number beside commonsense's hard test is the full fine-tune's of RoBERTa-large", () => {
  const roberta = PUBLISHED_RESULTS.find(({ model }) => model === "RoBERTa-large");
  assert.deepEqual(roberta?.scores.commonsense, { test: 90.4, hardTest: 63.4 });
  assert.equal(roberta?.method, "full fine-tune");
  assert.match(PUBLISHED_SOURCE, /github\.com\/hendrycks\/ethics/);
});

test("the table of a part has the paper's test under validation and its hard test under test", () => {
  const rows = publishedScores("justice");
  assert.deepEqual(rows[1], { model: "RoBERTa-large", method: "full fine-tune", validation: "56.7 %", test: "38.0 %" });
  assert.equal(rows.length, PUBLISHED_RESULTS.length);
});
