/** config.json of a Hugging Face model: checked, and with the names in camelCase. */
import { join } from "node:path";
import { FileFormatError } from "../files/errors";
import { isObject, type JsonObject, readJson, snakeCase } from "../files/json";
import { FAMILIES, type Family, type HiddenAct, type ModelType } from "./families";
import { type ConfigField, DEFAULTS } from "./families/fields";
import { DISTANCE_BUCKETS } from "./families/mpnet";

/** Kind of a model's labels, which decides the loss. */
export type ProblemType = "single_label_classification" | "regression" | "multi_label_classification";

/** Configuration of a sequence classifier. Sizes are counts, dropout rates are in [0, 1). */
export interface ModelConfig {
  modelType: ModelType;
  vocabSize: number;
  /** Width of a token's vector in the tables; `hiddenSize` for most kinds. */
  embeddingSize: number;
  /** Width of a token's vector. */
  hiddenSize: number;
  numHiddenLayers: number;
  /** Groups of layers with the same weights, and layers in each; 1 where nothing is shared. */
  numHiddenGroups: number;
  innerGroupNum: number;
  /** Attention heads; divides hiddenSize. */
  numAttentionHeads: number;
  /** Width inside the feed-forward part. */
  intermediateSize: number;
  /** Rows of the position table. */
  maxPositionEmbeddings: number;
  /** Rows of the token-type table; 0 where there is none. */
  typeVocabSize: number;
  /** Rows of the table of attention's biases by distance; 0 where there is none. */
  relativeAttentionNumBuckets: number;
  /** Activation between the two matrices of a layer. */
  hiddenAct: HiddenAct;
  /** Added to the variance in layer norms. */
  layerNormEps: number;
  padTokenId: number;
  /** Dropout of embeddings, attention output and feed-forward output. */
  hiddenDropoutProb: number;
  /** Dropout of attention probabilities. */
  attentionProbsDropoutProb: number;
  /** Dropout of the head. */
  classifierDropout: number;
  /** Standard deviation of new weights. */
  initializerRange: number;
  /** Names of the labels, by their number. */
  id2label: string[];
  /** Undefined lets the number of labels decide, as in Hugging Face. */
  problemType: ProblemType | undefined;
}

/** A config and the JSON it was read from, which is written back with a saved model. */
export interface LoadedConfig {
  config: ModelConfig;
  json: JsonObject;
}

/** Fields that BERT lacks; other kinds ignore them in config.json. */
const FIELDS_OF_SOME = new Set<ConfigField>([
  "embeddingSize",
  "numHiddenGroups",
  "innerGroupNum",
  "relativeAttentionNumBuckets",
]);

/** A field's name in config.json; "" where this kind of model lacks it. */
function nameOf(field: ConfigField, { names = {}, defaults }: Family): string {
  if (FIELDS_OF_SOME.has(field) && defaults[field] === undefined) return "";
  return names[field] ?? snakeCase(field);
}

/** Counts that may be 0; the others are at least 1. */
const MAY_BE_ZERO = new Set<string>(["padTokenId", "typeVocabSize", "relativeAttentionNumBuckets"]);

/** More than any model has, and little enough that a config alone fills no memory. */
const [MOST_OF_ANY, MOST_LABELS] = [2 ** 24, 2 ** 16];
const MOST: Readonly<Record<string, number>> = { numHiddenLayers: 1000, innerGroupNum: 1000 };

const ACTIVATIONS: readonly unknown[] = ["gelu", "gelu_new"] satisfies HiddenAct[];

/** Fields whose value is a share or a small number; the others are counts. */
const RATES = new Set<string>([
  "layerNormEps",
  "hiddenDropoutProb",
  "attentionProbsDropoutProb",
  "classifierDropout",
  "initializerRange",
]);

const PROBLEM_TYPES = ["single_label_classification", "regression", "multi_label_classification"];

/**
 * Reads `config.json` of a model folder.
 *
 * @throws {FileFormatError} a field has a wrong type or value, or the model is of an unsupported kind
 */
export function readConfig(folder: string): LoadedConfig {
  const file = join(folder, "config.json");
  const json = readJson(file);
  return { config: parseConfig(json, file), json };
}

/** The config with other labels, given as names or as a number of labels. */
export function withLabels({ config, json }: LoadedConfig, labels: readonly string[] | number): LoadedConfig {
  const id2label = typeof labels === "number" ? Array.from({ length: labels }, (_, i) => `LABEL_${i}`) : [...labels];
  const { num_labels: _, ...rest } = json;
  const label2id = Object.fromEntries(id2label.map((name, i) => [name, i]));
  return { config: { ...config, id2label }, json: { ...rest, id2label: { ...id2label }, label2id } };
}

/** Checks the fields of a config; `source` is named in errors. */
export function parseConfig(json: JsonObject, source: string): ModelConfig {
  const fail = (problem: string): never => {
    throw new FileFormatError(source, problem);
  };
  const modelType = json.model_type;
  if (typeof modelType !== "string" || !Object.hasOwn(FAMILIES, modelType)) {
    return fail(
      `\`model_type\`: expected one of ${Object.keys(FAMILIES).join(", ")}, got ${JSON.stringify(modelType)}.`,
    );
  }
  const family = FAMILIES[modelType as ModelType];
  const hiddenAct = json.hidden_act ?? family.hiddenAct ?? "gelu";
  if (!ACTIVATIONS.includes(hiddenAct)) {
    fail(`\`hidden_act\`: expected one of ${ACTIVATIONS.join(", ")}, got ${JSON.stringify(hiddenAct)}.`);
  }
  for (const [name, only] of [
    ["activation", "gelu"],
    ["position_embedding_type", "absolute"],
  ] as const) {
    if ((json[name] ?? only) !== only) fail(`\`${name}\`: expected "${only}", got ${JSON.stringify(json[name])}.`);
  }
  const problemType = json.problem_type ?? undefined;
  if (problemType !== undefined && !PROBLEM_TYPES.includes(problemType as string)) {
    fail(`\`problem_type\`: expected one of ${PROBLEM_TYPES.join(", ")}, got ${JSON.stringify(problemType)}.`);
  }
  const defaults = { ...DEFAULTS, ...family.defaults };
  const numbers = (Object.keys(DEFAULTS) as ConfigField[]).map((field) => {
    const name = nameOf(field, family);
    const value = (name === "" ? undefined : json[name]) ?? defaults[field];
    if (isAllowed(field, value)) return [field, value];
    const least = MAY_BE_ZERO.has(field) ? "a non-negative integer" : "a positive integer";
    const count = `${least} up to ${MOST[field] ?? MOST_OF_ANY}`;
    return fail(
      `\`${name}\`: expected ${RATES.has(field) ? "a number in [0, 1)" : count}, got ${JSON.stringify(value)}.`,
    );
  });
  const config = {
    ...(Object.fromEntries(numbers) as Record<ConfigField, number>),
    modelType: modelType as ModelType,
    hiddenAct: hiddenAct as HiddenAct,
    id2label: parseLabels(json, fail),
    problemType: problemType as ProblemType | undefined,
  };
  if (Number.isNaN(config.classifierDropout)) config.classifierDropout = config.hiddenDropoutProb;
  if (Number.isNaN(config.embeddingSize)) config.embeddingSize = config.hiddenSize;
  checkTogether(config, family, fail);
  return config;
}

/** Checks what depends on more than one field. */
function checkTogether(config: ModelConfig, family: Family, fail: (problem: string) => never): void {
  const { numHiddenLayers: layers, numHiddenGroups: groups, relativeAttentionNumBuckets: buckets } = config;
  if (groups > layers) fail(`\`num_hidden_groups\`: expected at most the ${layers} layers, got ${groups}.`);
  if (family.relativeBias !== undefined && buckets < DISTANCE_BUCKETS) {
    fail(`\`relative_attention_num_buckets\`: expected at least ${DISTANCE_BUCKETS}, got ${buckets}.`);
  }
  if (config.hiddenSize % config.numAttentionHeads !== 0) {
    const name = nameOf("numAttentionHeads", family);
    fail(`\`${name}\`: expected a divisor of the hidden size ${config.hiddenSize}, got ${config.numAttentionHeads}.`);
  }
}

function isAllowed(field: string, value: unknown): boolean {
  if (typeof value !== "number") return false;
  // NaN stands for "not given" where a default depends on another field; JSON has none.
  if (Number.isNaN(value)) return true;
  if (RATES.has(field)) return value >= 0 && value < 1;
  return isCount(value, MAY_BE_ZERO.has(field) ? 0 : 1, MOST[field]);
}

function isCount(value: unknown, least: number, most = MOST_OF_ANY): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function parseLabels(json: JsonObject, fail: (problem: string) => never): string[] {
  const { id2label, num_labels: numLabels } = json;
  if (id2label == null) {
    const count = numLabels ?? 2;
    if (!isCount(count, 1, MOST_LABELS)) {
      return fail(
        `\`num_labels\`: expected a positive integer up to ${MOST_LABELS}, got ${JSON.stringify(numLabels)}.`,
      );
    }
    return Array.from({ length: count as number }, (_, i) => `LABEL_${i}`);
  }
  if (!isObject(id2label)) return fail("`id2label`: expected an object from number to name.");
  return Array.from({ length: Object.keys(id2label).length }, (_, i) => {
    const name = id2label[i];
    return typeof name === "string" ? name : fail(`\`id2label\`: expected names for 0…n−1, got none for ${i}.`);
  });
}

/** The longest row, in tokens, that the position table holds: 512 for RoBERTa's 514 rows. */
export function maxTokens(config: ModelConfig): number {
  const skipped = FAMILIES[config.modelType].positions === "after padding" ? config.padTokenId + 1 : 0;
  return config.maxPositionEmbeddings - skipped;
}

/** The loss that fits a model, as Hugging Face chooses it. */
export function problemTypeOf(config: ModelConfig): ProblemType {
  return config.problemType ?? (config.id2label.length === 1 ? "regression" : "single_label_classification");
}
