/** One HTML file with a small model, its adapter and everything that they need to judge a text: no server, no network. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { narrowToFloat16, widenFloat16 } from "../../lib/files/dtypes";
import { LoraLinear } from "../../lib/lora/lora-linear";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification, type FromPretrainedOptions } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import type { ModelType } from "../../lib/model/families";
import { currentWeights } from "../../lib/onnx/weights";
import type { Shape, Weights } from "./forward";

/** What a page is made of. */
export interface PageContent {
  title: string;
  /** Folder of the model, tokenizer included. */
  model: string;
  /** Its dtype is float32 in any case: bfloat16 would round an update away. */
  modelOptions?: FromPretrainedOptions;
  /** Folder of the adapter. */
  adapter: string;
  /** What the labels are called, label 0 first. */
  labelNames: readonly string[];
  /** Texts to begin with. */
  examples: readonly string[];
  /** The model card. */
  card: string;
}

/** A page that a browser still opens at once: 20 million weights. */
const MOST_WEIGHTS = 20e6;

/** @throws {RangeError} the model is too large for a page or of a kind without a pass here, or answers with something else than one of several labels */
export async function pageHtml(content: PageContent): Promise<string> {
  const { title, model: folder, modelOptions, adapter, labelNames, examples, card } = content;
  const model = await AutoModelForSequenceClassification.fromPretrained(folder, { ...modelOptions, dtype: "float32" });
  checkModel(model);
  const before = weightsOf(model);
  const { peftConfig } = await PeftModel.fromPretrained(model, adapter);
  const updates = updatesOf(model, (path) => peftConfig.scalingOf(path));
  const now = currentWeights(model);
  const after = Object.keys(before).flatMap((name): [string, Float32Array][] =>
    name in updates ? [] : [[name, now(name).values()]],
  );
  const changed = after.filter(([name, values]) => !sameValues(values, before[name] as Float32Array));
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const embedded = {
    ...{ title, labelNames, examples, card, shape: shapeOf(model), maxTokens: maxTokensOf(model) },
    ...{ tokenizer: json("tokenizer.json"), tokenizerConfig: json("tokenizer_config.json"), modules: modules() },
    ...{ before: packed(before), after: packed(Object.fromEntries(changed)), updates },
  };
  const values: Record<string, string> = {
    title: title.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    // Inside a script element nothing else has to be told apart from HTML.
    content: JSON.stringify(embedded).replaceAll("<", "\\u003c"),
  };
  const template = readFileSync(join(__dirname, "page.html"), "utf8");
  return template.replace(/"?\{\{(\w+)\}\}"?/g, (_, name: string) => values[name] as string);
}

/** The kinds that `forward.ts` computes. */
export const PAGE_KINDS: readonly ModelType[] = ["roberta", "xlm-roberta", "bert", "distilbert"];

function checkModel({ config, parameters }: SequenceClassifier): void {
  if (!PAGE_KINDS.includes(config.modelType) || config.hiddenAct !== "gelu") {
    const found = `${config.modelType} with ${config.hiddenAct}`;
    throw new RangeError(`\`model\`: expected one of ${PAGE_KINDS.join(", ")} with gelu for a page, got ${found}.`);
  }
  const weights = [...parameters.values()].reduce((sum, { value }) => sum + value.size, 0);
  if (weights > MOST_WEIGHTS) {
    const found = `${Math.round(weights / 1e6)} million`;
    throw new RangeError(`\`model\`: expected at most ${MOST_WEIGHTS / 1e6} million weights for a page, got ${found}.`);
  }
  if (config.id2label.length < 2 || config.problemType === "multi_label_classification") {
    throw new RangeError("`model`: expected one of several labels as answer, got a model of another kind.");
  }
}

function weightsOf({ parameters }: SequenceClassifier): Weights {
  return Object.fromEntries([...parameters].map(([name, parameter]) => [name, parameter.values()]));
}

/** Compared as numbers: -0 equals 0. */
function sameValues(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, i) => value === b[i]);
}

/** Values as base64. */
interface Packed {
  isHalf: boolean;
  data: string;
}

/** In float16 where that holds each exactly. */
function pack(values: Float32Array): Packed {
  const halves = narrowToFloat16(values);
  const isHalf = sameValues(widenFloat16(halves), values);
  const { buffer, byteOffset, byteLength } = isHalf ? halves : values;
  return { isHalf, data: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("base64") };
}

function packed(weights: Weights): Record<string, Packed> {
  return Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, pack(values)]));
}

/** The two thin matrices of each adapted weight, B scaled: a page with the weights themselves were a third larger. */
function updatesOf(
  { linears }: SequenceClassifier,
  scalingOf: (path: string) => number,
): Record<string, { a: Packed; b: Packed; rank: number }> {
  const adapted = [...linears].flatMap(([path, { layer }]) => {
    if (!(layer instanceof LoraLinear)) return [];
    const b = layer.loraB.values().map((value) => value * scalingOf(path));
    const update = { a: pack(layer.loraA.values()), b: pack(b), rank: layer.loraA.shape[0] as number };
    return [[`${path}.weight`, update] as const];
  });
  return Object.fromEntries(adapted);
}

/** What `forward.ts` needs to know of the model. */
export function shapeOf({ config, family }: SequenceClassifier): Shape {
  const { hiddenSize, numAttentionHeads: heads, layerNormEps, numHiddenLayers, padTokenId } = config;
  const { first, second } = family.head;
  const activation = family.head.activation as Shape["head"]["activation"];
  return {
    ...{ hiddenSize, heads, layerNormEps, layer: family.layer, head: { first, second, activation } },
    embeddings: `${family.prefix}.embeddings`,
    firstPosition: family.positions === "after padding" ? padTokenId + 1 : 0,
    layers: Array.from({ length: numHiddenLayers }, (_, i) => `${family.layers}.${i}`),
  };
}

function maxTokensOf(model: SequenceClassifier): number {
  return model.config.maxPositionEmbeddings - shapeOf(model).firstPosition;
}

/** The sources of what runs in the page: Hugging Face's tokenizers, and the forward pass. */
function modules(): string[] {
  const tokenizers = readFileSync(join(require.resolve("@huggingface/tokenizers"), "..", "tokenizers.min.mjs"), "utf8");
  return [tokenizers, forwardPass()];
}

/** `forward.ts` as a module of JavaScript; the package has it compiled. */
function forwardPass(): string {
  const compiled = join(__dirname, "forward.mjs");
  if (existsSync(compiled)) return readFileSync(compiled, "utf8");
  const { ModuleKind, ScriptTarget, transpileModule } = require("typescript") as typeof import("typescript");
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };
  return transpileModule(readFileSync(join(__dirname, "forward.ts"), "utf8"), { compilerOptions }).outputText;
}
