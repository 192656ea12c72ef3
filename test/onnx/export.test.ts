import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { AutoTokenizer, type Tokenizer } from "../../lib/data/tokenizer/tokenizer";
import type { JsonObject } from "../../lib/files/json";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import { PairRanker } from "../../lib/model/pair-ranker";
import { Parameter } from "../../lib/model/parameters";
import { exportOnnx } from "../../lib/onnx/export";
import type { OnnxDtype } from "../../lib/onnx/storage";
import { temporaryFolder } from "../support/folders";
import { fixture, read } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_BATCH, tinyModel } from "../support/tiny";

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await AutoTokenizer.fromPretrained(join(__dirname, "../../data/demo/model"));
});

function json(folder: string, name: string): JsonObject {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as JsonObject;
}

test("the folder has what transformers.js looks for, and nothing of an earlier export", () => {
  const [folder, model] = [temporaryFolder(), tinyModel({ id2label: { 0: "bad", 1: "good" }, custom: 1 })];
  assert.deepEqual(
    exportOnnx(model, tokenizer, folder).map((file) => file.slice(folder.length)),
    ["/onnx/model.onnx", "/onnx/model_fp16.onnx", "/onnx/model_quantized.onnx"],
  );
  assert.deepEqual(readdirSync(folder).sort(), ["config.json", "onnx", "tokenizer.json", "tokenizer_config.json"]);
  const config = json(folder, "config.json");
  assert.deepEqual([config.id2label, config.custom, config.dtype], [{ 0: "bad", 1: "good" }, 1, "float32"]);
  assert.equal(config["transformers.js_config"], undefined);
  const { pad_token, tokenizer_class, model_max_length } = json(folder, "tokenizer_config.json");
  assert.deepEqual([pad_token, tokenizer_class, model_max_length], ["<pad>", "RobertaTokenizer", 10]);
  writeFileSync(join(folder, "onnx", "notes.txt"), "kept");
  exportOnnx(model, tokenizer, folder, { dtypes: ["fp16"] });
  assert.deepEqual(readdirSync(join(folder, "onnx")), ["model_fp16.onnx", "notes.txt"]);
  assert.deepEqual(json(folder, "config.json")["transformers.js_config"], { dtype: "fp16" });
  model.dispose();
});

test("the problem is told in transformers.js' words", async () => {
  const told: Record<string, unknown> = {};
  for (const name of ["distilbert", "one-output", "regression", "multi-label"]) {
    const model = await AutoModelForSequenceClassification.fromPretrained(fixture("problems", name, "model"));
    const folder = temporaryFolder();
    exportOnnx(model, tokenizer, folder, { dtypes: ["fp32"] });
    told[name] = json(folder, "config.json").problem_type;
  }
  assert.deepEqual(told, {
    distilbert: undefined,
    "one-output": "multi_label_classification",
    regression: "regression",
    "multi-label": "multi_label_classification",
  });
});

test("an export changes nothing of the model, keeps nothing, and reads one weight at a time", async (t) => {
  const model = getPeftModel(tinyModel(), new LoraConfig({ r: 2, initLoraWeights: false, bias: "all" }));
  const logits = await read(model.forward(TINY_BATCH));
  const folder = temporaryFolder();
  const sizes: number[] = [];
  const original = Parameter.prototype.values;
  const file = join(folder, "onnx", "model.onnx");
  t.mock.method(Parameter.prototype, "values", function (this: Parameter) {
    sizes.push(statSync(`${file}.${process.pid}.part`).size);
    return original.call(this);
  });
  await assertNothingKept(() => exportOnnx(model, tokenizer, folder, { dtypes: ["fp32"] }));
  assert.equal(new Set(sizes).size, model.baseModel.parameters.size);
  assert.deepEqual(await read(model.forward(TINY_BATCH)), logits);
  model.unload().dispose();
});

test("an adapter apart lies beside the model, and a merged one leaves the same file as its model without an adapter", () => {
  const folder = temporaryFolder();
  const dtypes: OnnxDtype[] = ["fp32"];
  const model = getPeftModel(tinyModel(), new LoraConfig({ r: 2, initLoraWeights: false }));
  const [apart = ""] = exportOnnx(model, tokenizer, join(folder, "apart"), { dtypes, lora: "inputs" });
  assert.ok(existsSync(join(folder, "apart", "adapter", "adapter_model.safetensors")));
  const [merged = ""] = exportOnnx(model, tokenizer, join(folder, "merged"), { dtypes });
  const [after = ""] = exportOnnx(model.mergeAndUnload(), tokenizer, join(folder, "after"), { dtypes });
  assert.ok(readFileSync(merged).equals(readFileSync(after)));
  assert.match(
    readFileSync(apart, "latin1"),
    /base_model\.model\.roberta\.encoder\.layer\.0\.attention\.self\.query\.lora_A/,
  );
});

test("what cannot be exported is refused by name, and nothing is written", () => {
  const folder = join(temporaryFolder(), "out");
  const model = tinyModel({ num_labels: 1 });
  const refusal = (options: object, refused: unknown = model): string => {
    try {
      exportOnnx(refused as typeof model, tokenizer, folder, options);
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "none";
  };
  assert.match(refusal({}, new PairRanker(model)), /^`model`: expected .* got PairRanker\. Export the model in it/);
  assert.match(refusal({ dtypes: ["fp32", "int4"] }), /^`dtypes`: expected some of fp32, fp16, q8, got int4/);
  assert.match(refusal({ dtypes: [] }), /^`dtypes`: expected some of fp32, fp16, q8, got none/);
  assert.match(refusal({ lora: "apart" }), /^`lora`: expected "merged" or "inputs", got "apart"/);
  assert.match(refusal({ lora: "inputs" }), /^`lora`: expected a model with an adapter for "inputs", got one without/);
  const words = model.parameters.get("roberta.embeddings.word_embeddings.weight") as Parameter;
  Object.defineProperty(words, "shape", { value: [70_000_000, 8] });
  assert.match(refusal({ dtypes: ["fp16", "fp32"] }), /below 2 GB, ONNX's limit, got 2\.24 GB in fp32\. Leave it out/);
  assert.ok(!existsSync(folder));
  model.dispose();
});
