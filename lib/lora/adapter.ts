/** An adapter's folder in PEFT's form: adapter_config.json and adapter_model.safetensors (or .bin, as older releases write). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { readJson } from "../files/json";
import { SafetensorsFile, writeSafetensors } from "../files/safetensors";
import type { TensorFile } from "../files/tensor-file";
import { TorchCheckpoint } from "../files/torch-checkpoint";
import type { Family } from "../model/families";
import { type ParameterMap, tensorsOf } from "../model/parameters";
import { compareShapes, notFinite, refuse } from "../model/weights";
import { tf } from "../tensor/tensorflow";
import { fromAdapterConfig, toAdapterConfig } from "./adapter-config";
import type { LoraBias, LoraConfig } from "./config";

const CONFIG_FILE = "adapter_config.json";
const WEIGHTS_FILE = "adapter_model.safetensors";
const OLD_WEIGHTS_FILE = "adapter_model.bin";

/** What an adapter's folder is made from. */
export interface AdapterContent {
  config: LoraConfig;
  /** The model it belongs to: name or folder, and kind. */
  base: { name: string; family: Family };
  /** Weights by their names in the file. */
  parameters: ParameterMap;
  /** Text of the model card (default: a short one, of the base model and the settings). */
  modelCard?: string | undefined;
}

/** Writes an adapter that PEFT 0.10 and later load. */
export function writeAdapter(folder: string, { config, base, parameters, modelCard }: AdapterContent): void {
  writeSafetensors(join(folder, WEIGHTS_FILE), tensorsOf(parameters));
  writeCard(folder, modelCard ?? minimalCard(config, base.name));
  writeFileAtomic(join(folder, CONFIG_FILE), `${JSON.stringify(toAdapterConfig(config, base), null, 2)}\n`);
}

/** Writes an adapter's model card; an existing one is replaced. */
export function writeCard(folder: string, text: string): void {
  writeFileAtomic(join(folder, "README.md"), text);
}

function minimalCard(config: LoraConfig, baseModel: string): string {
  const targets = [config.targetModules ?? []].flat().join(", ");
  return `---
library_name: peft
base_model: ${JSON.stringify(baseModel)}
---

# LoRA adapter

For \`${baseModel}\`: rank ${config.r}, alpha ${config.loraAlpha}, dropout ${config.loraDropout}, on ${targets}.
`;
}

/** Reads the settings of a saved adapter. */
export function readAdapterConfig(folder: string): LoraConfig {
  const file = join(folder, CONFIG_FILE);
  return fromAdapterConfig(readJson(file), file);
}

/**
 * Reads a saved adapter's weights into `parameters`.
 *
 * @param bias which biases are among them
 * @throws {FileFormatError} a tensor is missing, unknown or ill-shaped: all are named; or a number is not finite.
 * Nothing is changed
 */
export async function readAdapter(folder: string, parameters: ParameterMap, bias: LoraBias): Promise<void> {
  const file = await openWeights(folder);
  const names = namesInFile([...file.tensors.keys()], parameters);
  const expected = new Map([...parameters].map(([name, { shape }]) => [name, shape]));
  const biases = [...expected.keys()].filter((name) => name.endsWith(".base_layer.bias"));
  if (bias === "lora_only" && biases.every((name) => !names.has(name))) {
    console.warn(`${file.path} has no biases, as old releases of PEFT write it: the model's own are used.`);
    for (const name of biases) expected.delete(name);
  }
  const known = [...names].filter(([name]) => expected.has(name));
  const found = new Map(known.map(([name, own]) => [name, file.tensors.get(own)?.shape ?? []]));
  const unknown = [...names].filter(([name]) => !expected.has(name));
  const problems = [
    ...compareShapes(expected, found),
    ...unknown.map(([, own]) => `\`${own}\`: expected no such tensor`),
  ];
  refuse(problems, { file: file.path, expected: "the adapter's tensors for this model" });
  // Everything is read before anything is assigned, so that a value that cannot be read changes nothing.
  const read = known.map(([name, own]) => ({ parameter: parameters.get(name), values: file.readFloat32(own) }));
  for (const { parameter, values } of read) {
    if (parameter && !values.every(Number.isFinite)) throw notFinite(file.path, parameter.name);
  }
  for (const { parameter, values } of read) {
    tf.tidy(() => parameter?.value.assign(tf.tensor(values, parameter.shape)));
  }
}

async function openWeights(folder: string): Promise<TensorFile> {
  const old = join(folder, OLD_WEIGHTS_FILE);
  const file = join(folder, WEIGHTS_FILE);
  return !existsSync(file) && existsSync(old) ? TorchCheckpoint.open(old) : SafetensorsFile.open(file);
}

/**
 * The file's own name of each tensor, by the name that is written here. Some writers put the adapter's name, "default",
 * into it. With trained biases, PEFT also writes the biases of copied modules twice more, and older releases those of
 * adapted layers without `base_layer`.
 */
function namesInFile(own: readonly string[], parameters: ParameterMap): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of own) {
    const plain = name
      .replace(/\.default(?=\.(weight|bias)$)/, "")
      .replace(/\.(modules_to_save(\.default)?|original_module)(?=\.)/, "");
    const wrapped = plain.replace(/\.bias$/, ".base_layer.bias");
    const ours = !parameters.has(plain) && parameters.has(wrapped) ? wrapped : plain;
    const isCopy = /\.(modules_to_save|original_module)\./.test(name);
    if (!isCopy || (!names.has(ours) && !name.includes(".original_module."))) names.set(ours, name);
  }
  return names;
}
