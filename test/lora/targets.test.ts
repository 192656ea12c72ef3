import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../lib/files/json";
import { LoraConfig, type LoraOptions } from "../../lib/lora/config";
import { findPlaces, portableConfig } from "../../lib/lora/targets";
import { SequenceClassifier } from "../../lib/model/classifier";
import { TINY_CONFIG, tinyModel } from "../support/tiny";

const LAYER = "roberta.encoder.layer";
const ROBERTA = tinyModel({ num_hidden_layers: 2 });
const BERT = SequenceClassifier.fromConfig({ ...TINY_CONFIG, model_type: "bert", pad_token_id: 0 }, { seed: 1 });
const DISTILBERT_CONFIG: JsonObject = {
  model_type: "distilbert",
  vocab_size: 20,
  dim: 8,
  n_layers: 1,
  n_heads: 2,
  hidden_dim: 16,
};
const DISTILBERT = SequenceClassifier.fromConfig(DISTILBERT_CONFIG, { seed: 1 });

/** Paths of the adapted layers, without what all of them start with. */
function adapted(options: LoraOptions, model = ROBERTA): string[] {
  return findPlaces(model, new LoraConfig(options)).adapted.map(({ path }) => path.replace(/^.*\.layer\./, ""));
}

// The answers are those of PEFT 0.21 for models of the same form.
const TARGETS: [what: string, model: SequenceClassifier, options: LoraOptions, paths: string[]][] = [
  ["no name", BERT, {}, ["0.attention.self.query", "0.attention.self.value"]],
  [
    "a list",
    ROBERTA,
    { targetModules: ["self.key", "out_proj"] },
    ["0.attention.self.key", "1.attention.self.key", "classifier.out_proj"],
  ],
  [
    "a name that fits nothing beside one that does",
    ROBERTA,
    { targetModules: ["key", "nope"], layersToTransform: [1] },
    ["1.attention.self.key"],
  ],
  [
    "a layer and a whole path",
    ROBERTA,
    { targetModules: ["key", "classifier.dense"], layersToTransform: 1, layersPattern: "layer" },
    ["1.attention.self.key", "classifier.dense"],
  ],
  [
    "no layers",
    ROBERTA,
    { targetModules: ["key"], layersToTransform: [] },
    ["0.attention.self.key", "1.attention.self.key"],
  ],
  [
    "an expression",
    ROBERTA,
    { targetModules: `${LAYER.replaceAll(".", "\\.")}\\.1\\..*self\\.(key|query)` },
    ["1.attention.self.query", "1.attention.self.key"],
  ],
  [
    "dense beside a trained head",
    DISTILBERT,
    { targetModules: ["lin1", "classifier"], taskType: "SEQ_CLS" },
    ["0.ffn.lin1"],
  ],
  [
    "all-linear",
    DISTILBERT,
    { targetModules: "all-linear" },
    [
      "0.attention.q_lin",
      "0.attention.k_lin",
      "0.attention.v_lin",
      "0.attention.out_lin",
      "0.ffn.lin1",
      "0.ffn.lin2",
      "pre_classifier",
      "classifier",
    ],
  ],
  [
    "all-linear beside a trained head",
    BERT,
    { targetModules: "All-Linear", taskType: "SEQ_CLS" },
    [
      "0.attention.self.query",
      "0.attention.self.key",
      "0.attention.self.value",
      "0.attention.output.dense",
      "0.intermediate.dense",
      "0.output.dense",
      "bert.pooler.dense",
    ],
  ],
];

for (const [what, model, options, paths] of TARGETS) {
  test(`${what} in targetModules adapts the layers that PEFT adapts`, () => {
    assert.deepEqual(adapted(options, model), paths);
  });
}

test("the targets of a kind of model are those of PEFT, and stand in the config afterwards", () => {
  const targets = (model: SequenceClassifier): unknown => findPlaces(model, new LoraConfig()).config.targetModules;
  assert.deepEqual([ROBERTA, BERT, DISTILBERT].map(targets), [
    ["query", "value"],
    ["query", "value"],
    ["q_lin", "v_lin"],
  ]);
});

test("modules to save are found by the end of their paths, so that `classifier` also matches `pre_classifier`", () => {
  const saved = (model: SequenceClassifier, options: LoraOptions): string[] =>
    findPlaces(model, new LoraConfig(options)).saved;
  assert.deepEqual(saved(BERT, { taskType: "SEQ_CLS" }), ["classifier.weight", "classifier.bias"]);
  assert.deepEqual(saved(DISTILBERT, { taskType: "SEQ_CLS" }), [
    "pre_classifier.weight",
    "pre_classifier.bias",
    "classifier.weight",
    "classifier.bias",
  ]);
  assert.deepEqual(saved(ROBERTA, { modulesToSave: ["1.output"] }), [
    `${LAYER}.1.output.dense.weight`,
    `${LAYER}.1.output.dense.bias`,
    `${LAYER}.1.output.LayerNorm.weight`,
    `${LAYER}.1.output.LayerNorm.bias`,
  ]);
  assert.deepEqual(saved(ROBERTA, { modulesToSave: ["nothing"] }), []);
});

const refused: [string, SequenceClassifier, LoraOptions, RegExp][] = [
  [
    "an embedding",
    ROBERTA,
    { targetModules: ["query", "word_embeddings"] },
    /expected linear layers, got also `roberta\.embeddings\.word_embeddings`/,
  ],
  [
    "a module around layers",
    ROBERTA,
    { targetModules: ".*attention" },
    /expected linear layers, got also `\S+0\.attention`\. Name the layers inside it\.$/,
  ],
  ["a layer norm", ROBERTA, { targetModules: ["LayerNorm"] }, /got also `roberta\.embeddings\.LayerNorm`/],
  [
    "a layer that is trained whole",
    DISTILBERT,
    { targetModules: "all-linear", taskType: "SEQ_CLS" },
    /^`pre_classifier`: expected it in `targetModules` or in `modulesToSave`, got it in both/,
  ],
  [
    "a layer that is not there",
    ROBERTA,
    { targetModules: ["query"], layersToTransform: [5] },
    /expected names at the end of .*; got query in layers 5\.$/,
  ],
];

for (const [what, model, options, message] of refused) {
  test(`${what} as a target is refused, as PEFT does`, () => {
    assert.throws(() => findPlaces(model, new LoraConfig(options)), { message });
  });
}

test("a config is saved as it is where PEFT 0.10 reads it alike, else with whole paths", () => {
  const portable = (options: LoraOptions): LoraConfig => {
    const { config, adapted } = findPlaces(ROBERTA, new LoraConfig(options));
    return portableConfig(
      config,
      adapted.map(({ path }) => path),
      ROBERTA.linears.keys(),
    );
  };
  const same = { targetModules: ["query", "value"], rankPattern: { query: 4 }, alphaPattern: { value: 3 } };
  assert.deepEqual(portable(same), new LoraConfig(same));

  // 0.10 would also adapt the dense layer of the head that is trained whole.
  const inHead = portable({ taskType: "SEQ_CLS", targetModules: ["dense"], layersToTransform: undefined });
  assert.equal(inHead.targetModules?.length, 6);
  assert.ok([inHead.targetModules ?? []].flat().every((path) => path.startsWith(`${LAYER}.`)));

  // 0.10 would look for the alpha under the key of the rank.
  const hidden = portable({ targetModules: ["query"], rankPattern: { query: 4 }, alphaPattern: { "self.query": 3 } });
  const paths = [0, 1].map((i) => `${LAYER}.${i}.attention.self.query`);
  assert.deepEqual(hidden.rankPattern, Object.fromEntries(paths.map((path) => [path, 4])));
  assert.deepEqual(hidden.alphaPattern, Object.fromEntries(paths.map((path) => [path, 3])));
});
