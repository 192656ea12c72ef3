import assert from "node:assert/strict";
import { test } from "node:test";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { classify } from "../../lib/evaluate/predict";
import { uncertainty } from "../../lib/evaluate/uncertainty";
import { assertClose, fixture, loadModel } from "../support/golden";

test("uncertainty is the mean entropy of the predictions, with its standard error", async () => {
  const model = await loadModel("roberta-head");
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const texts = ["I kept my word.", "I broke my word, and nobody ever knew.", "I gave the cat a biscuit."];
  const each = (await classify(model, tokenizer, texts)).map(({ probabilities: [p = 0, q = 0] }) => {
    return -p * Math.log(p) - q * Math.log(q);
  });
  const [a = 0, b = 0, c = 0] = each;
  const mean = (a + b + c) / 3;
  const deviation = Math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2);
  const { texts: count, entropy, standardError } = await uncertainty(model, tokenizer, texts);
  assert.equal(count, 3);
  assertClose([entropy, standardError], [mean, deviation / Math.sqrt(3)], { absolute: 1e-12 }, "entropy and its error");
  assert.ok(standardError > 0);

  const none = await uncertainty(model, tokenizer, []);
  assert.deepEqual([none.texts, none.entropy], [0, Number.NaN]);
  model.dispose();
});
