import assert from "node:assert/strict";
import { test } from "node:test";
import { softmax } from "../../lib/evaluate/metrics";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { probabilities } from "../../scripts/page/forward";
import { PAGE_KINDS, pageHtml, shapeOf } from "../../scripts/page/write";
import { temporaryFolder } from "../support/folders";
import { TINY_ROWS, tinyModel } from "../support/tiny";

const weightsOf = ({ parameters }: SequenceClassifier): Record<string, Float32Array> =>
  Object.fromEntries([...parameters].map(([name, { value }]) => [name, value.dataSync() as Float32Array]));

for (const modelType of PAGE_KINDS) {
  test(`the page's own forward pass gives the library's probabilities: ${modelType}`, async () => {
    const model = tinyModel({ model_type: modelType, initializer_range: 0.1, id2label: { 0: "a", 1: "b", 2: "c" } });
    const weights = weightsOf(model);
    for (const { inputIds } of TINY_ROWS) {
      const [logits] = (await model.forward({ inputIds: [inputIds] }).array()) as number[][];
      const ours = probabilities(shapeOf(model), weights, inputIds);
      softmax(logits as number[]).forEach((value, i) => {
        assert.ok(Math.abs(value - (ours[i] as number)) < 1e-5, `${value} and ${ours[i]}`);
      });
    }
  });
}

test("a model that is too large, of another kind, or answers with a number, is refused for a page", async () => {
  const page = (config: object): Promise<string> => {
    const model = temporaryFolder();
    tinyModel(config as never).savePretrained(model);
    return pageHtml({ title: "", model, adapter: "none", labelNames: [], examples: [], card: "" });
  };
  await assert.rejects(page({ id2label: { 0: "value" } }), /expected one of several labels as answer/);
  await assert.rejects(
    page({ model_type: "electra" }),
    /expected one of roberta, .* for a page, got electra with gelu/,
  );
  await assert.rejects(page({ hidden_act: "gelu_new" }), /for a page, got roberta with gelu_new/);
  await assert.rejects(page({ problem_type: "multi_label_classification" }), /a model of another kind/);
  await assert.rejects(
    page({ vocab_size: 1_300_000, max_position_embeddings: 1_300_000 }),
    /expected at most 20 million weights for a page, got 21 million/,
  );
});
