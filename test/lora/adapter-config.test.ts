import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../lib/files/json";
import { fromAdapterConfig, toAdapterConfig } from "../../lib/lora/adapter-config";
import { LoraConfig, type LoraOptions } from "../../lib/lora/config";
import { FAMILIES } from "../../lib/model/families";
import { CASES, readFixture } from "../support/golden";

const BASE = { name: "../model", family: FAMILIES.roberta };

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

test("adapter_config.json has exactly the keys of PEFT 0.10, sorted", () => {
  for (const options of [{}, { taskType: "SEQ_CLS" }] as const) {
    assert.deepEqual(Object.keys(toAdapterConfig(new LoraConfig(options), BASE)), KEYS);
  }
});

for (const name of CASES) {
  test(`${name}: the settings that PEFT wrote are read, and written back with its values`, () => {
    const theirs = readFixture<JsonObject>("cases", name, "adapter_init", "adapter_config.json");
    const { model_type } = readFixture<{ model_type: keyof typeof FAMILIES }>("cases", name, "model", "config.json");
    const base = { name: "../model", family: FAMILIES[model_type] };
    const ours = toAdapterConfig(fromAdapterConfig(theirs, "adapter_config.json"), base);
    assert.deepEqual(ours, Object.fromEntries(KEYS.map((key) => [key, theirs[key]])));
  });
}

test("a file with nothing but the adapter's type has the defaults", () => {
  assert.deepEqual(fromAdapterConfig({ peft_type: "LORA" }, ""), new LoraConfig());
});

const unsupported: JsonObject[] = [
  { use_qalora: true },
  { layer_replication: [[0, 1]] },
  { kasa_config: { beta: 1 } },
  { trainable_token_indices: [3] },
  { some_later_variant: 1 },
  { fan_in_fan_out: true },
  { eva_config: { rho: 2 } },
  { target_parameters: ["w"] },
];

for (const fields of unsupported) {
  const [name] = Object.keys(fields);
  test(`an adapter with \`${name}\` is refused and the error names the setting, which is never ignored`, () => {
    assert.throws(() => fromAdapterConfig({ peft_type: "LORA", ...fields }, "adapter_config.json"), {
      name: "FileFormatError",
      message: new RegExp(`^adapter_config\\.json: \`${name}\`: expected it unset, got .*: not supported: .*\\.$`),
    });
  });
}

const wrong: [JsonObject, RegExp][] = [
  [{ peft_type: "IA3" }, /`peft_type`: expected "LORA", got "IA3"/],
  [{ bias: "some" }, /`bias`: expected "none", "all" or "lora_only", got 'some'/],
  [
    { init_lora_weights: "pissa" },
    /`init_lora_weights`: expected true, false, "gaussian" or "orthogonal", got 'pissa'/,
  ],
  [{ target_modules: ".*query", layers_to_transform: [1] }, /`layers_to_transform`: expected nothing beside/],
  [{ task_type: "CAUSAL_LM" }, /`task_type`: expected "SEQ_CLS" or nothing, got 'CAUSAL_LM'/],
  [{ r: "8" }, /`r`: expected a number, got '8'/],
  [{ lora_dropout: 2 }, /`lora_dropout`: expected a number in \[0, 1\), got 2/],
];

for (const [fields, message] of wrong) {
  test(`an adapter with ${JSON.stringify(fields)} is refused`, () => {
    assert.throws(() => fromAdapterConfig({ peft_type: "LORA", ...fields }, "adapter_config.json"), {
      name: "FileFormatError",
      message,
    });
  });
}

test("every setting is written and read back", () => {
  const options: LoraOptions[] = [
    { r: 3, loraAlpha: 1.5, loraDropout: 0.1, useRslora: true, bias: "all", initLoraWeights: "gaussian" },
    { targetModules: ["key"], layersToTransform: [1, 2], layersPattern: ["layer"], modulesToSave: ["LayerNorm"] },
    { excludeModules: ["key"], useDora: true, loraAlpha: -1 },
    { excludeModules: ".*key", loraBias: true, loraAlpha: 0 },
    { targetModules: ".*query", rankPattern: { query: 2 }, alphaPattern: { "self.query": 5 }, initLoraWeights: false },
  ];
  for (const option of options) {
    const config = new LoraConfig(option);
    assert.deepEqual(fromAdapterConfig(toAdapterConfig(config, BASE), ""), config);
  }
});
