import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { mock, test } from "node:test";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { temporaryFolder, writeFiles } from "../support/folders";
import { assertClose, caseFile, loadModel, read, readFixture } from "../support/golden";
import { TINY_BATCH, TINY_CONFIG } from "../support/tiny";

test("a model in another precision is refused", async () => {
  await assert.rejects(
    async () =>
      AutoModelForSequenceClassification.fromPretrained(caseFile("roberta-head", "model"), {
        dtype: "float16" as "float32",
      }),
    { name: "RangeError", message: "`dtype`: expected float32 or bfloat16, got float16." },
  );
});

test("a folder without config, without weights or with another kind of model is an error that names the file", async () => {
  const folder = temporaryFolder();
  const load = (): Promise<unknown> => AutoModelForSequenceClassification.fromPretrained(folder);
  await assert.rejects(load(), { name: "FileFormatError", message: /config\.json: expected a JSON file, got ENOENT/ });
  writeFiles(folder, { "config.json": TINY_CONFIG });
  await assert.rejects(
    load(),
    /expected one of model\.safetensors, .*, pytorch_model\.bin in this folder, got none\. In Python, `save_pretrained/,
  );
  writeFiles(folder, { "config.json": { ...TINY_CONFIG, model_type: "gpt2" } });
  await assert.rejects(
    load(),
    /config\.json: `model_type`: expected one of roberta, xlm-roberta, bert, distilbert, got "gpt2"/,
  );
});

test("with another number of labels only the head's last layer is new, and the saved model has that number", async () => {
  const folder = caseFile("roberta-head", "model");
  const warn = mock.method(console, "warn", () => undefined);
  const model = await AutoModelForSequenceClassification.fromPretrained(folder, { numLabels: 3 });
  const own = await loadModel("roberta-head");
  const same = await AutoModelForSequenceClassification.fromPretrained(folder, { numLabels: 2 });
  assert.deepEqual(same.config, own.config);
  const saved = temporaryFolder();
  model.savePretrained(saved);
  const again = await AutoModelForSequenceClassification.fromPretrained(saved);
  warn.mock.restore();
  assert.equal(warn.mock.callCount(), 1);

  for (const [name, { value }] of model.parameters) {
    if (name.startsWith("classifier.out_proj.")) continue;
    assert.deepEqual(value.dataSync(), own.parameters.get(name)?.value.dataSync(), name);
  }
  assert.deepEqual(model.parameters.get("classifier.out_proj.weight")?.shape, [3, own.config.hiddenSize]);
  assert.deepEqual(model.config, { ...own.config, id2label: ["LABEL_0", "LABEL_1", "LABEL_2"] });
  const logits = await read(model.forward(TINY_BATCH));
  assert.equal(logits[0]?.length, 3);
  assertClose(await read(again.forward(TINY_BATCH)), logits, { absolute: 0 });
  for (const each of [model, own, same, again]) each.dispose();
});

test("`numLabels` excuses no other difference between file and model, and must be a positive integer", async () => {
  const folder = caseFile("roberta-head", "model");
  for (const numLabels of [0, 1.5, -1]) {
    await assert.rejects(AutoModelForSequenceClassification.fromPretrained(folder, { numLabels }), {
      name: "RangeError",
      message: `\`numLabels\`: expected a positive integer, got ${numLabels}.`,
    });
  }
  const other = temporaryFolder();
  cpSync(folder, other, { recursive: true });
  const config = readFixture<object>("cases", "roberta-head", "model", "config.json");
  writeFiles(other, { "config.json": { ...config, type_vocab_size: 5 } });
  const load = AutoModelForSequenceClassification.fromPretrained(other, { numLabels: 1 });
  await assert.rejects(load, /got 1 differences\. .*\n {2}`roberta\.embeddings\.token_type_embeddings\.weight`/);
});
