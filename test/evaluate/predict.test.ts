import assert from "node:assert/strict";
import { test } from "node:test";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { argmax, softmax } from "../../lib/evaluate/metrics";
import { type Classification, classify, predictLogits } from "../../lib/evaluate/predict";
import type { JsonObject } from "../../lib/files/json";
import { tf } from "../../lib/tensor/tensorflow";
import { assertClose, fixture, loadModel, read } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_BATCH, TINY_ROWS, tinyModel } from "../support/tiny";

test("logits come in the order of the rows, whatever was computed together", async () => {
  const model = tinyModel();
  const one = await read(model.forward(TINY_BATCH));
  for (const rows of [1, 2, 100]) {
    const done: number[] = [];
    const logits = await assertNothingKept(() =>
      predictLogits(model, TINY_ROWS, { rows, onProgress: (n) => void done.push(n) }),
    );
    assertClose(logits, one, { absolute: 1e-6 }, `${rows} rows`);
    assert.equal(done.at(-1), 5);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
  }
  assert.deepEqual(await predictLogits(model, [], { rows: 8 }), []);
});

test("texts get the likeliest label's name, its probability and those of all labels", async () => {
  const model = await loadModel("roberta-head");
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const texts = ["I returned the wallet.", "I kept the change when nobody looked, and I told no one."];
  const answers = await classify(model, tokenizer, texts);
  const logits = await read(model.forward({ inputIds: tokenizer(texts).inputIds }));
  assert.equal(answers.length, 2);
  answers.forEach(({ label, score, probabilities }, i) => {
    assertClose(probabilities, softmax(logits[i] as number[]), { absolute: 1e-6 });
    const best = argmax(probabilities);
    assert.deepEqual([label, score], [["NEGATIVE", "POSITIVE"][best], probabilities[best]]);
  });
  assert.equal((await classify(model, tokenizer, "One text alone.")).length, 1);
});

test("a model that answers with NaN classifies nothing", async () => {
  const model = await loadModel("roberta-head");
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const [bias] = [...model.parameters.values()].filter(({ name }) => name === "classifier.out_proj.bias");
  tf.tidy(() => bias?.assign(tf.fill(bias.shape, Number.NaN)));
  await assert.rejects(classify(model, tokenizer, ["I fed the cat."]), {
    name: "RangeError",
    message:
      /^the answer to "I fed the cat\.": expected finite numbers, got NaN, NaN\. The model's weights are broken\.$/,
  });
});

test("scores are those of transformers' pipeline for the problem: softmax, sigmoid, or the value itself", async () => {
  const classified = async (changes: JsonObject): Promise<{ logits: number[]; result: Classification }> => {
    const model = tinyModel({
      id2label: { 0: "a", 1: "b", 2: "c" },
      vocab_size: 400,
      max_position_embeddings: 66,
      ...changes,
    });
    const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
    const [logits] = await read(model.forward(tokenizer("Hello")));
    const [result] = await classify(model, tokenizer, "Hello");
    return { logits: logits as number[], result: result as Classification };
  };
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const several = await classified({ problem_type: "multi_label_classification" });
  assertClose(several.result.probabilities, several.logits.map(sigmoid), { absolute: 1e-6 });
  assert.equal(several.result.score, Math.max(...several.result.probabilities));
  const value = await classified({ problem_type: "regression", id2label: { 0: "score" } });
  assertClose([value.result.score], value.logits, { absolute: 1e-6 });
  const yesNo = await classified({ id2label: { 0: "yes" } });
  assertClose([yesNo.result.score], yesNo.logits.map(sigmoid), { absolute: 1e-6 });
  assert.equal(yesNo.result.label, "yes");
});
