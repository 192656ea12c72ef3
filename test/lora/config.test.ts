import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { JsonObject } from "../../lib/files/json";
import { fromAdapterConfig, LoraConfig, type LoraOptions, toAdapterConfig } from "../../lib/lora/config";
import { parseConfig } from "../../lib/model/config";
import { robertaShapes } from "../../lib/model/roberta";
import { CASES, readFixture } from "../support/golden";

/** The keys that PEFT 0.10 knows: it refuses a file with any other. */
const KEYS = [
  "alpha_pattern",
  "auto_mapping",
  "base_model_name_or_path",
  "bias",
  "fan_in_fan_out",
  "inference_mode",
  "init_lora_weights",
  "layer_replication",
  "layers_pattern",
  "layers_to_transform",
  "loftq_config",
  "lora_alpha",
  "lora_dropout",
  "megatron_config",
  "megatron_core",
  "modules_to_save",
  "peft_type",
  "r",
  "rank_pattern",
  "revision",
  "target_modules",
  "task_type",
  "use_dora",
  "use_rslora",
];

test("the defaults are PEFT's: rank and alpha 8, query and value, head frozen", () => {
  const config = new LoraConfig();
  assert.deepEqual(
    { ...config },
    {
      r: 8,
      loraAlpha: 8,
      loraDropout: 0,
      targetModules: ["query", "value"],
      taskType: undefined,
      useRslora: false,
      modulesToSave: undefined,
    },
  );
  assert.deepEqual(new LoraConfig({ taskType: "SEQ_CLS" }).modulesToSave, ["classifier", "score"]);
  assert.match(inspect(config), /^LoraConfig\(\{ r: 8, loraAlpha: 8, .* \}\)$/);
});

test("scaling is alpha / r, with rsLoRA alpha / √r", () => {
  assert.equal(new LoraConfig({ r: 16, loraAlpha: 8 }).scaling, 0.5);
  assert.equal(new LoraConfig({ r: 16, loraAlpha: 8, useRslora: true }).scaling, 2);
});

test("a target is a whole name at the end of a path, and nothing inside a head that is trained whole", () => {
  const config = new LoraConfig({ targetModules: ["dense", "query"] });
  const paths = [
    "layer.0.attention.self.query",
    "layer.0.output.dense",
    "classifier.dense",
    "query",
    "layer.0.subquery",
  ];
  assert.deepEqual(
    paths.filter((path) => config.targets(path)),
    ["layer.0.attention.self.query", "layer.0.output.dense", "classifier.dense", "query"],
  );
  const withHead = new LoraConfig({ targetModules: ["dense"], taskType: "SEQ_CLS" });
  assert.deepEqual([withHead.targets("classifier.dense"), withHead.saves("classifier.dense")], [false, true]);
  assert.equal(withHead.saves("pre_classifier.dense"), false);
});

const refused: [string, LoraOptions, RegExp][] = [
  ["a rank of 0", { r: 0 }, /^`r`: expected a positive integer, got 0\.$/],
  ["half a rank", { r: 1.5 }, /^`r`: expected a positive integer, got 1\.5\.$/],
  ["an alpha of 0", { loraAlpha: 0 }, /^`loraAlpha`: expected a positive number, got 0\.$/],
  ["a dropout of 1", { loraDropout: 1 }, /^`loraDropout`: expected a number in \[0, 1\), got 1\.$/],
  ["no target", { targetModules: [] }, /^`targetModules`: expected a list of module names, got \[\]\.$/],
  ["a target without name", { targetModules: [""] }, /^`targetModules`: expected a list of module names/],
  [
    "another task",
    { taskType: "CAUSAL_LM" as "SEQ_CLS" },
    /^`taskType`: expected "SEQ_CLS" or nothing, got 'CAUSAL_LM'\.$/,
  ],
  [
    "modules to save as a word",
    { modulesToSave: "classifier" as unknown as string[] },
    /^`modulesToSave`: expected a list/,
  ],
];

for (const [what, options, message] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => new LoraConfig(options), { name: "RangeError", message });
  });
}

test("on a RoBERTa of large size the defaults train 786,432 parameters, and 1,838,082 with the head", () => {
  const large = { hidden_size: 1024, num_hidden_layers: 24, num_attention_heads: 16, intermediate_size: 4096 };
  const shapes = robertaShapes(parseConfig({ model_type: "roberta", ...large }, "config.json"));
  const trained = (config: LoraConfig): number =>
    [...shapes].reduce((sum, [name, shape]) => {
      const path = name.replace(/\.(weight|bias)$/, "");
      const [outFeatures, inFeatures] = shape as [number, number?];
      if (config.saves(path)) return sum + outFeatures * (inFeatures ?? 1);
      return config.targets(path) && inFeatures !== undefined ? sum + config.r * (inFeatures + outFeatures) : sum;
    }, 0);
  assert.equal(trained(new LoraConfig()), 24 * 2 * (8 * 1024 + 1024 * 8));
  assert.equal(trained(new LoraConfig({ taskType: "SEQ_CLS" })), 786_432 + 1_051_650);
});

test("adapter_config.json has exactly the keys of PEFT 0.10, sorted", () => {
  for (const options of [{}, { taskType: "SEQ_CLS" }] as const) {
    assert.deepEqual(Object.keys(toAdapterConfig(new LoraConfig(options), "base")), KEYS);
  }
});

for (const name of CASES) {
  test(`${name}: the settings that PEFT wrote are read, and written back with its values`, () => {
    const theirs = readFixture<JsonObject>("cases", name, "adapter_init", "adapter_config.json");
    const ours = toAdapterConfig(fromAdapterConfig(theirs, "adapter_config.json"), "../model");
    assert.deepEqual(ours, Object.fromEntries(KEYS.map((key) => [key, theirs[key]])));
  });
}

test("a file with nothing but the adapter's type has the defaults", () => {
  assert.deepEqual(fromAdapterConfig({ peft_type: "LORA" }, ""), new LoraConfig());
});

const unsupported: JsonObject[] = [
  { use_dora: true },
  { use_qalora: true },
  { layers_to_transform: [0] },
  { rank_pattern: { query: 4 } },
  { alpha_pattern: { query: 4 } },
  { exclude_modules: ["value"] },
  { fan_in_fan_out: true },
  { eva_config: { rho: 2 } },
  { target_parameters: ["w"] },
];

for (const fields of unsupported) {
  const [name] = Object.keys(fields);
  test(`an adapter with \`${name}\` is refused by that name, never read without it`, () => {
    assert.throws(() => fromAdapterConfig({ peft_type: "LORA", ...fields }, "adapter_config.json"), {
      name: "FileFormatError",
      message: new RegExp(`^adapter_config\\.json: \`${name}\`: expected it unset, got .*: not supported\\.$`),
    });
  });
}

const wrong: [JsonObject, RegExp][] = [
  [{ peft_type: "IA3" }, /`peft_type`: expected "LORA", got "IA3"/],
  [{ bias: "all" }, /`bias`: expected "none", got "all"/],
  [{ task_type: "CAUSAL_LM" }, /`task_type`: expected "SEQ_CLS" or null, got "CAUSAL_LM"/],
  [{ r: "8" }, /`r`: expected a positive integer, got '8'/],
  [{ lora_dropout: 2 }, /`loraDropout`: expected a number in \[0, 1\), got 2/],
  [{ target_modules: "all-linear" }, /`targetModules`: expected a list of module names, got 'all-linear'/],
];

for (const [fields, message] of wrong) {
  test(`an adapter with ${JSON.stringify(fields)} is refused`, () => {
    assert.throws(() => fromAdapterConfig({ peft_type: "LORA", ...fields }, "adapter_config.json"), {
      name: "FileFormatError",
      message,
    });
  });
}
