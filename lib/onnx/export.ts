/** Writes a classifier as a folder that transformers.js takes: config.json, the tokenizer's files and onnx/. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import { writeFileAtomic } from "../files/atomic";
import { type JsonObject, readJson } from "../files/json";
import { PeftModel } from "../lora/peft-model";
import { SequenceClassifier } from "../model/classifier";
import { maxTokens, withLabels } from "../model/config";
import { checkOptions } from "../process/options";
import { encoderGraph, type GraphSource, OPSET } from "./encoder-graph";
import { byteLength, type Graph, modelBytes } from "./proto";
import type { OnnxDtype } from "./storage";
import { currentWeights, type Weight } from "./weights";

/** How a model is exported. */
export interface OnnxOptions {
  /** Number formats of the weights, a file each (default all three). Browsers take q8 where there is fp32 too, Node fp32. */
  dtypes?: readonly OnnxDtype[];
  /**
   * What becomes of an adapter: "merged" into the weights, or its tensors are "inputs" of the graph, by their names in PEFT's
   * files and B times the scaling; the graph then runs with any adapter of the same layers, and without one where the rank
   * is 0 (default "merged").
   */
  lora?: "merged" | "inputs";
}

/** The files' names, as transformers.js looks for them. */
const FILES: Readonly<Record<OnnxDtype, string>> = {
  fp32: "model.onnx",
  fp16: "model_fp16.onnx",
  q8: "model_quantized.onnx",
};

/** Protobuf's limit. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Writes a model for ONNX Runtime and transformers.js: its `pipeline("text-classification", folder)` gives the labels of
 * {@link classify}. The model is not changed. Weights are written one by one.
 *
 * transformers.js has no pipeline for regression: there, read the output `logits`, [batch, labels].
 *
 * @param model with an adapter or without; heads and biases that were trained are in the files in any case
 * @param folder gets config.json, tokenizer.json, tokenizer_config.json, onnx/, and for "inputs" adapter/ in PEFT's form
 * @returns the paths of the files in onnx/
 * @throws {TypeError} the model is of another kind, such as a PairRanker
 * @throws {RangeError} an option has another value, a file would have 2 GB or more, or there is no adapter for "inputs"
 *
 * @example
 * ```ts
 * import { AutoModelForSequenceClassification, AutoTokenizer, exportOnnx } from "ethics-for-robots";
 *
 * const tokenizer = await AutoTokenizer.fromPretrained("data/demo/model");
 * const model = await AutoModelForSequenceClassification.fromPretrained("data/demo/model");
 * exportOnnx(model, tokenizer, "runs/web", { dtypes: ["fp32", "q8"] });
 * ```
 */
export function exportOnnx(
  model: SequenceClassifier | PeftModel,
  tokenizer: Tokenizer,
  folder: string,
  options: OnnxOptions = {},
): string[] {
  checkOptions("exportOnnx", options, { dtypes: "list", lora: "string" });
  const { dtypes = Object.keys(FILES) as OnnxDtype[], lora = "merged" } = options;
  const unknown = dtypes.find((dtype) => !Object.hasOwn(FILES, dtype));
  if (unknown !== undefined || dtypes.length === 0) {
    throw new RangeError(`\`dtypes\`: expected some of ${Object.keys(FILES).join(", ")}, got ${unknown ?? "none"}.`);
  }
  if (lora !== "merged" && lora !== "inputs") {
    throw new RangeError(`\`lora\`: expected "merged" or "inputs", got ${JSON.stringify(lora)}.`);
  }
  const base = model instanceof PeftModel ? model.baseModel : model;
  if (!(base instanceof SequenceClassifier)) {
    const name = (model as object).constructor.name;
    throw new TypeError(
      `\`model\`: expected a SequenceClassifier or a PeftModel, got ${name}. Export the model in it.`,
    );
  }
  const source =
    lora === "inputs" ? withInputs(model) : { weight: currentWeights(base), inputs: new Map<string, string>() };
  const graphs = dtypes.map((dtype) => [dtype, encoderGraph({ ...source, config: base.config, dtype })] as const);
  for (const [dtype, graph] of graphs) checkSize(graph, dtype);

  for (const name of Object.values(FILES)) rmSync(join(folder, "onnx", name), { force: true });
  const files = graphs.map(([dtype, graph]) => {
    const file = join(folder, "onnx", FILES[dtype]);
    writeFileAtomic(file, modelBytes(graph, OPSET));
    return file;
  });
  writeTokenizer(tokenizer, base, folder);
  if (model instanceof PeftModel && lora === "inputs") model.savePretrained(join(folder, "adapter"));
  writeJson(join(folder, "config.json"), clientConfig(base, dtypes));
  return files;
}

/** The base model's own weights, and inputs for those of the adapter, by their names in PEFT's files. */
function withInputs(model: SequenceClassifier | PeftModel): Pick<GraphSource, "weight" | "inputs"> {
  if (!(model instanceof PeftModel)) {
    throw new RangeError('`lora`: expected a model with an adapter for "inputs", got one without. Use "merged".');
  }
  const { useDora, loraBias } = model.peftConfig;
  if (useDora || loraBias) {
    throw new RangeError(
      `\`lora\`: expected an adapter without ${useDora ? "useDora" : "loraBias"} for "inputs". Use "merged".`,
    );
  }
  const inputs = new Map(
    [...model.adapterParameters.keys()].map((name) => [
      name.replace(/^base_model\.model\.|\.base_layer(?=\.bias$)/g, ""),
      name,
    ]),
  );
  return { weight: (name) => model.baseModel.parameters.get(name) as Weight, inputs };
}

function checkSize(graph: Graph, dtype: OnnxDtype): void {
  const bytes = graph.tensors.reduce((sum, tensor) => sum + byteLength(tensor), 0);
  if (bytes <= MOST_BYTES) return;
  const size = (bytes / 1e9).toFixed(2);
  throw new RangeError(
    `\`dtypes\`: expected files below 2 GB, ONNX's limit, got ${size} GB in ${dtype}. Leave it out.`,
  );
}

/** Python's classes know their padding and their longest row without being told; transformers.js has to read it. */
function writeTokenizer(tokenizer: Tokenizer, { config, family }: SequenceClassifier, folder: string): void {
  tokenizer.savePretrained(folder);
  const file = join(folder, "tokenizer_config.json");
  writeJson(file, {
    tokenizer_class: family.className.replace("ForSequenceClassification", "Tokenizer"),
    pad_token: tokenizer.tokens([tokenizer.padTokenId ?? config.padTokenId])[0],
    ...readJson(file),
    model_max_length: Math.min(tokenizer.modelMaxLength, maxTokens(config)),
  });
}

function clientConfig({ config, json }: SequenceClassifier, dtypes: readonly OnnxDtype[]): JsonObject {
  const labelled = withLabels({ config, json }, config.id2label).json;
  // One output without a problem type is read as a yes or no, for which transformers.js has no other name.
  const problem = config.problemType ?? (config.id2label.length === 1 ? "multi_label_classification" : undefined);
  const hasDefaults = dtypes.includes("fp32") && dtypes.includes("q8");
  return {
    ...labelled,
    dtype: "float32",
    ...(problem ? { problem_type: problem } : {}),
    ...(hasDefaults ? {} : { "transformers.js_config": { dtype: dtypes[0] } }),
  };
}

function writeJson(file: string, content: JsonObject): void {
  writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`);
}
