/** config.json of a Hugging Face model: checked, and with the names in camelCase. */
import * as path from "node:path";
import { FileFormatError } from "../files/errors";
import { isObject, type JsonObject, readJson } from "../files/json";

/** What a RoBERTa sequence classifier is made of. Sizes are counts, rates are shares in [0, 1). */
export interface RobertaConfig {
  /** Kind of model, "roberta". */
  modelType: string;
  /** Tokens of the vocabulary. */
  vocabSize: number;
  /** Width of a token's vector. */
  hiddenSize: number;
  /** Encoder layers. */
  numHiddenLayers: number;
  /** Attention heads; divides hiddenSize. */
  numAttentionHeads: number;
  /** Width inside the feed-forward part. */
  intermediateSize: number;
  /** Rows of the position table; the longest text is padTokenId + 1 tokens shorter. */
  maxPositionEmbeddings: number;
  /** Rows of the token-type table. */
  typeVocabSize: number;
  /** Added to the variance in layer norms. */
  layerNormEps: number;
  /** Id of the padding token. */
  padTokenId: number;
  /** Dropout of embeddings, attention output and feed-forward output. */
  hiddenDropoutProb: number;
  /** Dropout of attention probabilities. */
  attentionProbsDropoutProb: number;
  /** Dropout of the head; null takes hiddenDropoutProb. */
  classifierDropout: number | null;
  /** Names of the labels, by their number. */
  id2label: string[];
}

const DEFAULTS: Omit<RobertaConfig, "modelType"> = {
  vocabSize: 50265,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  padTokenId: 1,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  classifierDropout: null,
  id2label: ["LABEL_0", "LABEL_1"],
};

/** A config and the JSON it was read from, which is written back with a saved model. */
export interface LoadedConfig {
  config: RobertaConfig;
  json: JsonObject;
}

/**
 * Reads `config.json` of a model folder.
 *
 * @throws {FileFormatError} a field has a wrong type or value, or the model is of an unsupported kind
 */
export function readConfig(folder: string): LoadedConfig {
  const file = path.join(folder, "config.json");
  const json = readJson(file);
  return { config: parseConfig(json, file), json };
}

/** Checks the fields of a config; `source` is named in errors. */
export function parseConfig(json: JsonObject, source: string): RobertaConfig {
  const fail = (problem: string): never => {
    throw new FileFormatError(source, problem);
  };
  const modelType = json.model_type;
  if (modelType !== "roberta") {
    return fail(`\`model_type\`: expected "roberta", got ${JSON.stringify(modelType)}. Choose a RoBERTa classifier.`);
  }
  if ((json.hidden_act ?? "gelu") !== "gelu") fail(`\`hidden_act\`: expected "gelu", got "${json.hidden_act}".`);
  if ((json.position_embedding_type ?? "absolute") !== "absolute") {
    fail(`\`position_embedding_type\`: expected "absolute", got "${json.position_embedding_type}".`);
  }
  const count = (name: string, fallback: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    return fail(`\`${name}\`: expected a positive integer, got ${JSON.stringify(value)}.`);
  };
  const rate = (name: string, fallback: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value === "number" && value >= 0 && value < 1) return value;
    return fail(`\`${name}\`: expected a number in [0, 1), got ${JSON.stringify(value)}.`);
  };
  const config: RobertaConfig = {
    modelType,
    vocabSize: count("vocab_size", DEFAULTS.vocabSize),
    hiddenSize: count("hidden_size", DEFAULTS.hiddenSize),
    numHiddenLayers: count("num_hidden_layers", DEFAULTS.numHiddenLayers),
    numAttentionHeads: count("num_attention_heads", DEFAULTS.numAttentionHeads),
    intermediateSize: count("intermediate_size", DEFAULTS.intermediateSize),
    maxPositionEmbeddings: count("max_position_embeddings", DEFAULTS.maxPositionEmbeddings),
    typeVocabSize: count("type_vocab_size", DEFAULTS.typeVocabSize),
    layerNormEps: rate("layer_norm_eps", DEFAULTS.layerNormEps),
    padTokenId: count("pad_token_id", DEFAULTS.padTokenId),
    hiddenDropoutProb: rate("hidden_dropout_prob", DEFAULTS.hiddenDropoutProb),
    attentionProbsDropoutProb: rate("attention_probs_dropout_prob", DEFAULTS.attentionProbsDropoutProb),
    classifierDropout: json.classifier_dropout == null ? null : rate("classifier_dropout", 0),
    id2label: parseLabels(json, fail),
  };
  if (config.hiddenSize % config.numAttentionHeads !== 0) {
    fail(
      `\`num_attention_heads\`: expected a divisor of hidden_size ${config.hiddenSize}, got ${config.numAttentionHeads}.`,
    );
  }
  return config;
}

function parseLabels(json: JsonObject, fail: (problem: string) => never): string[] {
  const { id2label, num_labels: numLabels } = json;
  if (id2label == null) {
    if (numLabels == null) return DEFAULTS.id2label;
    if (typeof numLabels !== "number" || !Number.isSafeInteger(numLabels) || numLabels < 1) {
      return fail(`\`num_labels\`: expected a positive integer, got ${JSON.stringify(numLabels)}.`);
    }
    return Array.from({ length: numLabels }, (_, i) => `LABEL_${i}`);
  }
  if (!isObject(id2label)) return fail("`id2label`: expected an object from number to name.");
  return Array.from({ length: Object.keys(id2label).length }, (_, i) => {
    const name = id2label[i];
    return typeof name === "string" ? name : fail(`\`id2label\`: expected names for 0…n−1, got none for ${i}.`);
  });
}

/** The longest row, in tokens, that the position table holds: 512 for RoBERTa's 514 rows. */
export function maxTokens(config: RobertaConfig): number {
  return config.maxPositionEmbeddings - config.padTokenId - 1;
}
