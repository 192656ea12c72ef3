import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../lib/files/json";
import { type ModelConfig, maxTokens, parseConfig, problemTypeOf, readConfig } from "../../lib/model/config";
import { temporaryFolder, writeFiles } from "../support/folders";
import { caseFile } from "../support/golden";

const parse = (json: JsonObject): unknown => parseConfig({ model_type: "roberta", ...json }, "config.json");

test("a config is read as it lies in a model's folder", () => {
  const { config, json } = readConfig(caseFile("roberta-head", "model"));
  assert.deepEqual(config, {
    modelType: "roberta",
    vocabSize: 400,
    embeddingSize: 32,
    hiddenSize: 32,
    numHiddenLayers: 2,
    numHiddenGroups: 1,
    innerGroupNum: 1,
    hiddenAct: "gelu",
    relativeAttentionNumBuckets: 0,
    numAttentionHeads: 4,
    intermediateSize: 64,
    maxPositionEmbeddings: 66,
    typeVocabSize: 1,
    layerNormEps: 1e-5,
    padTokenId: 1,
    hiddenDropoutProb: 0,
    attentionProbsDropoutProb: 0,
    classifierDropout: 0,
    initializerRange: 0.02,
    id2label: ["NEGATIVE", "POSITIVE"],
    problemType: undefined,
  });
  assert.deepEqual(json.architectures, ["RobertaForSequenceClassification"]);
  assert.equal(maxTokens(config), 64);
});

test("what a config leaves out has the defaults of RoBERTa's config class", () => {
  const config = parseConfig({ model_type: "roberta" }, "config.json");
  assert.deepEqual([config.vocabSize, config.hiddenSize, config.numHiddenLayers], [50265, 768, 12]);
  assert.deepEqual(
    [config.layerNormEps, config.hiddenDropoutProb, config.id2label],
    [1e-12, 0.1, ["LABEL_0", "LABEL_1"]],
  );
  assert.deepEqual(parseConfig({ model_type: "roberta", num_labels: 3 }, "").id2label, [
    "LABEL_0",
    "LABEL_1",
    "LABEL_2",
  ]);
});

test("each kind of model reads its own names and has its own defaults", () => {
  const config = (json: JsonObject): ModelConfig => parseConfig(json, "config.json");
  const distilbert = config({
    model_type: "distilbert",
    dim: 24,
    n_layers: 3,
    n_heads: 4,
    hidden_dim: 48,
    dropout: 0.3,
  });
  assert.deepEqual(
    [distilbert.hiddenSize, distilbert.numHiddenLayers, distilbert.numAttentionHeads, distilbert.intermediateSize],
    [24, 3, 4, 48],
  );
  assert.deepEqual(
    [distilbert.hiddenDropoutProb, distilbert.classifierDropout, distilbert.layerNormEps],
    [0.3, 0.2, 1e-12],
  );
  assert.deepEqual([distilbert.typeVocabSize, distilbert.padTokenId, maxTokens(distilbert)], [0, 0, 512]);
  const bert = config({ model_type: "bert" });
  assert.deepEqual([bert.vocabSize, bert.typeVocabSize, bert.padTokenId, maxTokens(bert)], [30522, 2, 0, 512]);
  assert.equal(
    config({ model_type: "bert", classifier_dropout: null, hidden_dropout_prob: 0.25 }).classifierDropout,
    0.25,
  );
  assert.equal(maxTokens(config({ model_type: "xlm-roberta", max_position_embeddings: 514 })), 512);
});

test("what only some kinds have is read for them alone", () => {
  const config = (json: JsonObject): ModelConfig => parseConfig({ embedding_size: 24, ...json }, "config.json");
  assert.deepEqual(
    [config({ model_type: "bert" }).embeddingSize, config({ model_type: "electra" }).embeddingSize],
    [768, 24],
  );
  const albert = config({ model_type: "albert", classifier_dropout_prob: 0.3, classifier_dropout: 0.9 });
  assert.deepEqual([albert.embeddingSize, albert.hiddenAct, albert.classifierDropout], [24, "gelu_new", 0.3]);
  const mpnet = config({ model_type: "mpnet", pad_token_id: 5, type_vocab_size: 2, "": 3 });
  assert.deepEqual([mpnet.padTokenId, mpnet.typeVocabSize, maxTokens(mpnet)], [1, 0, 510]);
});

test("the problem is the config's, else it follows from the number of labels", () => {
  const problem = (json: JsonObject): string => problemTypeOf(parseConfig({ model_type: "roberta", ...json }, ""));
  assert.equal(problem({}), "single_label_classification");
  assert.equal(problem({ num_labels: 1 }), "regression");
  assert.equal(problem({ num_labels: 3, problem_type: null }), "single_label_classification");
  assert.equal(problem({ num_labels: 3, problem_type: "multi_label_classification" }), "multi_label_classification");
  assert.equal(problem({ num_labels: 3, problem_type: "regression" }), "regression");
});

const refused: [string, JsonObject, RegExp][] = [
  ["another model type", { model_type: "gpt2" }, /`model_type`: expected one of roberta, .*mpnet, got "gpt2"/],
  ["a kind that is not supported yet", { model_type: "modernbert" }, /`model_type`: expected .*, got "modernbert"/],
  ["no model type", { model_type: undefined }, /`model_type`: expected one of roberta, .*, got undefined/],
  [
    "a type that every object has",
    { model_type: "constructor" },
    /`model_type`: expected one of .*, got "constructor"/,
  ],
  [
    "another problem",
    { problem_type: "ranking" },
    /`problem_type`: expected one of single_label_classification, .*"ranking"/,
  ],
  ["another activation", { hidden_act: "relu" }, /`hidden_act`: expected one of gelu, gelu_new, got "relu"/],
  ["other positions", { position_embedding_type: "relative_key" }, /`position_embedding_type`: expected "absolute"/],
  [
    "heads that do not divide the width",
    { hidden_size: 32, num_attention_heads: 5 },
    /`num_attention_heads`: expected a divisor of the hidden size 32, got 5/,
  ],
  ["a size that is no count", { hidden_size: 32.5 }, /`hidden_size`: expected a positive integer up to \d+, got 32\.5/],
  ["a size of 0", { num_hidden_layers: 0 }, /`num_hidden_layers`: expected a positive integer up to \d+, got 0/],
  ["a size as text", { vocab_size: "400" }, /`vocab_size`: expected a positive integer up to \d+, got "400"/],
  ["a dropout of 1", { hidden_dropout_prob: 1 }, /`hidden_dropout_prob`: expected a number in \[0, 1\), got 1/],
  [
    "a negative dropout of the head",
    { classifier_dropout: -0.1 },
    /`classifier_dropout`: expected a number in \[0, 1\), got -0\.1/,
  ],
  [
    "embeddings of width 0",
    { model_type: "electra", embedding_size: 0 },
    /`embedding_size`: expected a positive integer/,
  ],
  [
    "more groups than layers",
    { model_type: "albert", num_hidden_layers: 2, num_hidden_groups: 3 },
    /`num_hidden_groups`: expected at most the 2 layers, got 3/,
  ],
  [
    "fewer distances than MPNet tells apart",
    { model_type: "mpnet", relative_attention_num_buckets: 31 },
    /`relative_attention_num_buckets`: expected at least 32, got 31/,
  ],
  ["labels with a hole", { id2label: { 0: "a", 2: "b" } }, /`id2label`: expected names for 0…n−1, got none for 1/],
  ["labels as a list", { id2label: ["a", "b"] }, /`id2label`: expected an object/],
  ["more labels than memory", { num_labels: 3e8 }, /`num_labels`: expected a positive integer up to 65536, got 3/],
  ["a million layers", { num_hidden_layers: 1e6 }, /`num_hidden_layers`: expected a positive integer up to 1000, got/],
  ["no label", { num_labels: 0 }, /`num_labels`: expected a positive integer up to \d+, got 0/],
];

for (const [what, json, message] of refused) {
  test(`a config with ${what} is refused`, () => {
    assert.throws(() => parse(json), { name: "FileFormatError", message });
  });
}

test("a config.json that is no JSON object is an error that names the file", () => {
  const folder = temporaryFolder();
  writeFiles(folder, { "config.json": "[1]" });
  assert.throws(() => readConfig(folder), /config\.json: expected a JSON object, got an array/);
  writeFiles(folder, { "config.json": "{" });
  assert.throws(() => readConfig(folder), /config\.json: expected a JSON file, got .*JSON/);
});
