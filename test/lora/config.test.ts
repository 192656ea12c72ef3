import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { LoraConfig, type LoraOptions } from "../../lib/lora/config";
import { parseConfig } from "../../lib/model/config";
import { tensorShapes } from "../../lib/model/encoder";

test("the defaults are PEFT's: rank and alpha 8, query and value, head frozen", () => {
  const config = new LoraConfig();
  assert.deepEqual(
    { ...config },
    {
      r: 8,
      loraAlpha: 8,
      loraDropout: 0,
      targetModules: undefined,
      excludeModules: undefined,
      taskType: undefined,
      useRslora: false,
      modulesToSave: undefined,
      rankPattern: {},
      alphaPattern: {},
      layersToTransform: undefined,
      layersPattern: undefined,
      bias: "none",
      useDora: false,
      loraBias: false,
      initLoraWeights: true,
    },
  );
  assert.deepEqual(new LoraConfig({ taskType: "SEQ_CLS" }).modulesToSave, ["classifier", "score"]);
  assert.match(inspect(config), /^LoraConfig\(\{ r: 8, loraAlpha: 8, .* \}\)$/);
});

test("SEQ_CLS adds the head to the modules to save", () => {
  const config = new LoraConfig({ taskType: "SEQ_CLS", modulesToSave: ["query", "score"] });
  assert.deepEqual(config.modulesToSave, ["query", "score", "classifier"]);
});

test("an empty `layersPattern` counts as not given", () => {
  for (const layersPattern of ["", []]) assert.equal(new LoraConfig({ layersPattern }).layersPattern, undefined);
});

test("scaling is alpha / r, with rsLoRA alpha / √r", () => {
  assert.equal(new LoraConfig({ r: 16, loraAlpha: 8 }).scalingOf("query"), 0.5);
  assert.equal(new LoraConfig({ r: 16, loraAlpha: 8, useRslora: true }).scalingOf("query"), 2);
});

test("rank and alpha are those of the first expression that matches the end of a path", () => {
  const config = new LoraConfig({
    rankPattern: { "layer\\.\\d\\.query": 4, query: 2, ue: 16 },
    alphaPattern: { "layer.1.query": 3, "query|value": 5 },
  });
  const paths = ["layer.0.query", "layer.1.query", "x.query", "query", "value", "key"];
  assert.deepEqual(
    paths.map((path) => config.rankOf(path)),
    [4, 4, 2, 2, 8, 8],
  );
  assert.deepEqual(
    paths.map((path) => config.alphaOf(path)),
    [5, 3, 5, 5, 5, 8],
  );
  assert.equal(config.scalingOf("layer.1.query"), 3 / 4);
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
  assert.deepEqual([withHead.targets("classifier.dense"), withHead.excludes("classifier.dense")], [false, true]);
  assert.deepEqual([withHead.excludes("pre_classifier"), withHead.saves("pre_classifier")], [false, true]);
});

const refused: [string, LoraOptions, RegExp][] = [
  ["a rank of 0", { r: 0 }, /^`r`: expected a positive integer, got 0\.$/],
  ["half a rank", { r: 1.5 }, /^`r`: expected a positive integer, got 1\.5\.$/],
  ["an odd rank", { r: 3, initLoraWeights: "orthogonal" }, /^`r`: expected an even rank .*, got 3\.$/],
  ["an endless alpha", { loraAlpha: Infinity }, /^`loraAlpha`: expected a finite number, got Infinity\.$/],
  ["a dropout of 1", { loraDropout: 1 }, /^`loraDropout`: expected a number in \[0, 1\), got 1\.$/],
  [
    "no target",
    { targetModules: [] },
    /^`targetModules`: expected a list of module names, .* or "all-linear", got \[\]\.$/,
  ],
  ["a target without name", { targetModules: [""] }, /^`targetModules`: expected a list of module names/],
  [
    "another task",
    { taskType: "CAUSAL_LM" as "SEQ_CLS" },
    /^`taskType`: expected "SEQ_CLS" or nothing, got 'CAUSAL_LM'\.$/,
  ],
  ["an empty expression", { targetModules: "" }, /^`targetModules`: expected a list/],
  ["a broken expression", { targetModules: "(query" }, /^`\(query`: expected a regular expression/],
  ["a dropout as text", { loraDropout: "0.1" as never }, /^`loraDropout`: expected a number, got '0\.1'\.$/],
  [
    "a rank of 0 in a pattern",
    { rankPattern: { query: 0 } },
    /^`rankPattern`: expected an object of positive integers/,
  ],
  ["a pattern as a list", { alphaPattern: [3] as never }, /^`alphaPattern`: expected an object, got/],
  ["a broken pattern", { rankPattern: { "qu[ery": 2 } }, /^`qu\[ery`: expected a regular expression/],
  ["a layer by name", { layersToTransform: ["0"] as never }, /^`layersToTransform`: expected layer numbers from 0/],
  [
    "layers beside an expression",
    { targetModules: ".*query", layersToTransform: 0 },
    /^`layersToTransform`: expected nothing/,
  ],
  [
    "a layers' list without layers",
    { layersPattern: "layer" },
    /^`layersPattern`: expected `layersToTransform` beside it/,
  ],
  ["an unknown bias", { bias: "some" as never }, /^`bias`: expected "none", "all" or "lora_only", got 'some'\.$/],
  [
    "another start",
    { initLoraWeights: "pissa" as never },
    /^`initLoraWeights`: expected true, false, "gaussian" or "orthogonal", got 'pissa'\.$/,
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
  const targetModules = ["query", "value"];
  const large = { hidden_size: 1024, num_hidden_layers: 24, num_attention_heads: 16, intermediate_size: 4096 };
  const shapes = tensorShapes(parseConfig({ model_type: "roberta", ...large }, "config.json"));
  const trained = (config: LoraConfig): number =>
    [...shapes].reduce((sum, [name, shape]) => {
      const path = name.replace(/\.(weight|bias)$/, "");
      const [outFeatures, inFeatures] = shape as [number, number?];
      if (config.excludes(path)) return sum + outFeatures * (inFeatures ?? 1);
      return config.targets(path) && inFeatures !== undefined ? sum + config.r * (inFeatures + outFeatures) : sum;
    }, 0);
  assert.equal(trained(new LoraConfig({ targetModules })), 24 * 2 * (8 * 1024 + 1024 * 8));
  assert.equal(trained(new LoraConfig({ targetModules, taskType: "SEQ_CLS" })), 786_432 + 1_051_650);
});
