import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
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
  await assert.rejects(load(), { name: "FileFormatError", message: /config\.json: expected a file, got none/ });
  writeFiles(folder, { "config.json": TINY_CONFIG });
  await assert.rejects(
    load(),
    /expected one of model\.safetensors, .*, pytorch_model\.bin in this folder, got none\. In Python, `save_pretrained/,
  );
  writeFiles(folder, { "config.json": { ...TINY_CONFIG, model_type: "gpt2" } });
  await assert.rejects(
    load(),
    /config\.json: `model_type`: expected one of roberta, xlm-roberta, bert, distilbert, .*, got "gpt2"/,
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

test("names of labels go into the config and the saved config.json, and give the head their number", async (t) => {
  const warn = t.mock.method(console, "warn", () => undefined);
  const id2label = ["bad", "good", "so-so"];
  const model = await AutoModelForSequenceClassification.fromPretrained(caseFile("roberta-head", "model"), {
    id2label,
  });
  assert.deepEqual(model.config.id2label, id2label);
  assert.equal(warn.mock.callCount(), 1);
  const saved = temporaryFolder();
  model.savePretrained(saved);
  const json = JSON.parse(readFileSync(join(saved, "config.json"), "utf8"));
  assert.deepEqual(json.id2label, { 0: "bad", 1: "good", 2: "so-so" });
  assert.deepEqual(json.label2id, { bad: 0, good: 1, "so-so": 2 });
  const again = await AutoModelForSequenceClassification.fromPretrained(saved);
  assert.deepEqual(again.config.id2label, id2label);
  for (const each of [model, again]) each.dispose();
});

test("`newHead` replaces a head with the right number of labels, and other names alone keep the head", async (t) => {
  const warn = t.mock.method(console, "warn", () => undefined);
  const folder = caseFile("roberta-head", "model");
  const id2label = ["ham", "spam"];
  const own = await loadModel("roberta-head");
  const renamed = await AutoModelForSequenceClassification.fromPretrained(folder, { id2label });
  assert.equal(warn.mock.callCount(), 0);
  const fresh = await AutoModelForSequenceClassification.fromPretrained(folder, { id2label, newHead: true });
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /: classifier\.out_proj is new, as asked/);
  const changed = [renamed, fresh].map((model) =>
    [...model.parameters.keys()].filter(
      (name) => !isDeepStrictEqual(model.parameters.get(name)?.values(), own.parameters.get(name)?.values()),
    ),
  );
  assert.deepEqual(changed[0], []);
  assert.ok(changed[1]?.includes("classifier.out_proj.weight"));
  assert.ok(changed[1]?.every((name) => name.startsWith("classifier.out_proj.")));
  for (const each of [own, renamed, fresh]) each.dispose();
});

test("too few names of labels and repeated ones are refused", async () => {
  const load = (options: object): Promise<unknown> =>
    AutoModelForSequenceClassification.fromPretrained(caseFile("roberta-head", "model"), options);
  await assert.rejects(load({ numLabels: 3, id2label: ["a", "b"] }), {
    name: "RangeError",
    message: "`id2label`: expected 3 different names, got a, b.",
  });
  await assert.rejects(load({ id2label: ["a", "a"] }), /`id2label`: expected 2 different names, got a, a\./);
});
