import assert from "node:assert/strict";
import { test } from "node:test";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { attribute, attributionScores } from "../../lib/evaluate/attribution";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { tf } from "../../lib/tensor/tensorflow";
import { fixture } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { tinyModel } from "../support/tiny";

const IDS = [0, 5, 9, 6, 2];
const TABLE = "roberta.embeddings.word_embeddings.weight";

/** The distance of two logits with one token's embedding made longer or shorter. */
async function marginWith(model: SequenceClassifier, id: number, factor: number): Promise<number> {
  const table = model.parameters.get(TABLE);
  assert.ok(table);
  const before = table.value.clone();
  const rows = Array.from({ length: 20 }, (_, i) => [i === id ? factor : 1]);
  tf.tidy(() => table.value.assign(tf.mul(table.value, tf.tensor2d(rows))));
  const logits = model.forward({ inputIds: [IDS] });
  const [[first = 0, second = 0] = []] = await logits.array();
  logits.dispose();
  table.value.assign(before);
  before.dispose();
  return second - first;
}

test("a token's score is the slope of the answer along its embedding", async () => {
  const model = tinyModel();
  const scores = attributionScores(model, IDS, 1);
  for (const [i, id] of IDS.entries()) {
    const h = 0.02;
    const slope = ((await marginWith(model, id, 1 + h)) - (await marginWith(model, id, 1 - h))) / (2 * h);
    assert.ok(Math.abs((scores[i] as number) - slope) < 2e-3 * Math.max(1, Math.abs(slope)), `${scores[i]}, ${slope}`);
  }
  assert.ok(Math.max(...scores.map(Math.abs)) > 0.01);
  model.dispose();
});

test("with two labels the scores of one are those of the other with the sign changed", () => {
  const model = tinyModel();
  const [zero, one] = [attributionScores(model, IDS, 0), attributionScores(model, IDS, 1)];
  for (const [i, score] of zero.entries()) assert.ok(Math.abs(score + (one[i] as number)) < 1e-6);
  model.dispose();
});

test("attribution leaves no tensor behind, and the model answers as before", async () => {
  const model = getPeftModel(tinyModel(), new LoraConfig({ r: 2, targetModules: ["query"] }));
  const answer = async (): Promise<number[][]> => {
    const logits = model.forward({ inputIds: [IDS] });
    const values = await logits.array();
    logits.dispose();
    return values;
  };
  const before = await answer();
  await assertNothingKept(() => attributionScores(model, IDS, 1));
  assert.deepEqual(await answer(), before);
  assert.equal(model.baseModel.standIns.size, 0);
});

test("a text comes back in its tokens, the special ones marked", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const model = tinyModel({ vocab_size: tokenizer.vocabSize, max_position_embeddings: 40 });
  const result = await attribute(model, tokenizer, "I was sad.");
  assert.equal(
    result.tokens
      .filter(({ special }) => !special)
      .map(({ text }) => text)
      .join(""),
    "I was sad.",
  );
  assert.deepEqual([result.tokens[0]?.special, result.tokens.at(-1)?.special], [true, true]);
  assert.ok(model.config.id2label.includes(result.label));
  assert.ok(result.probability >= 0.5 && result.probability <= 1);
  model.dispose();
});
