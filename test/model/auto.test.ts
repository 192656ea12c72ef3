import assert from "node:assert/strict";
import { test } from "node:test";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { temporaryFolder, writeFiles } from "../support/folders";
import { caseFile } from "../support/golden";
import { TINY_CONFIG } from "../support/tiny";

test("a model in another precision is refused", async () => {
  await assert.rejects(
    async () =>
      AutoModelForSequenceClassification.fromPretrained(caseFile("roberta-head", "model"), {
        dtype: "float16" as "float32",
      }),
    { name: "RangeError", message: "`dtype`: expected float32, got float16." },
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
