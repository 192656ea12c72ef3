import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Mt19937 } from "../../lib/tensor/random";
import { bagOfWordsAccuracy, trainBagOfWords } from "../../scripts/demo/bag-of-words";
import { drawSplits } from "../../scripts/demo/dataset";
import { Draw } from "../../scripts/demo/random";
import { DATA_SEED } from "../../scripts/demo/recipe";

test("a bag of words stays at least 8 points below the fine-tuned model on the hard test, as the demo's readme says", () => {
  const { splits } = drawSplits(new Draw(new Mt19937(DATA_SEED)));
  const model = trainBagOfWords(splits.train);
  const percent = (rows: typeof splits.test): string => `${(100 * bagOfWordsAccuracy(model, rows)).toFixed(1)} %`;
  const readme = readFileSync(join(__dirname, "..", "..", "data", "demo", "README.md"), "utf8");
  const row = (name: string): string[] =>
    (new RegExp(`^\\| ${name} \\| (.*) \\|$`, "m").exec(readme)?.[1] ?? "").split(" | ");
  assert.deepEqual(row("bag of words"), [percent(splits.test), percent(splits.test_hard)]);
  const fineTuned = Number.parseFloat(row("after LoRA")[1] ?? "");
  assert.ok(fineTuned - 100 * bagOfWordsAccuracy(model, splits.test_hard) >= 8);
});

test("a bag of words learns the words that go with a label", () => {
  const model = trainBagOfWords([
    { label: 1, input: "good day" },
    { label: 0, input: "bad day" },
  ]);
  assert.ok(model("good") > 0.5 && model("bad") < 0.5);
  assert.ok(Math.abs(model("night") - 0.5) < 0.01);
});
