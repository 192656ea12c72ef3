/** The weights of a model folder, checked against the model before anything is loaded. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileFormatError } from "../files/errors";
import { SafetensorsFile } from "../files/safetensors";
import { ShardedSafetensors } from "../files/sharded";
import type { TensorFile } from "../files/tensor-file";
import { TorchCheckpoint } from "../files/torch-checkpoint";
import { allFinite } from "../tensor/finite";
import { Mt19937 } from "../tensor/random";
import { cast, copied, type FloatDtype } from "../tensor/raw-op";
import { type Tensor, tf } from "../tensor/tensorflow";
import type { ModelConfig } from "./config";
import { tensorShapes } from "./encoder";
import { FAMILIES, type Family } from "./families";
import { Parameter, type ParameterMap } from "./parameters";

/** Tensors in checkpoints that are no part of the classifier: buffers, unused poolers and pre-training heads. */
const IGNORED = [
  /(^|\.)embeddings\.(position_ids|token_type_ids)$/,
  /(^|\.)pooler\.dense\.(weight|bias)$/,
  /^(lm_head|cls|vocab_transform|vocab_layer_norm|vocab_projector)\./,
  /^(predictions|sop_classifier|(discriminator|generator)_predictions|generator_lm_head)\./,
];

/** Weight files in order of preference, with their readers. */
const CONTAINERS: readonly [name: string, open: (file: string) => TensorFile | Promise<TensorFile>][] = [
  ["model.safetensors", (file) => SafetensorsFile.open(file)],
  ["model.safetensors.index.json", (file) => ShardedSafetensors.open(file)],
  ["pytorch_model.bin", (file) => TorchCheckpoint.open(file)],
];

/** Parameters that were read from a folder. */
export interface LoadedParameters {
  parameters: ParameterMap;
  /** Layers of the head that got new weights, since the checkpoint lacks them or they were to be replaced. */
  newLayers: string[];
}

/**
 * Reads the weights of a folder, each tensor straight from the file, converted to float32 and frozen. Old names
 * (`LayerNorm.gamma`) and names without the model's prefix are accepted.
 *
 * @param folder holds model.safetensors, its shards with their index, or pytorch_model.bin
 * @param options.seed of the head's new layers (default 0)
 * @param options.dtype of the layers' matrices (default "float32"); everything else is float32
 * @param options.replaceHead whether a layer of the head with another shape gets new weights (default false)
 * @param options.newHead whether the head's last layer always gets new weights (default false)
 * @throws {FileFormatError} a tensor is missing, unknown or has another shape, and the error names all of them; or a number is not
 * finite. Nothing is loaded then
 */
export async function readParameters(
  folder: string,
  config: ModelConfig,
  options: { seed?: number; replaceHead?: boolean; newHead?: boolean; dtype?: FloatDtype } = {},
): Promise<LoadedParameters> {
  const { seed = 0, replaceHead = false, newHead = false, dtype = "float32" } = options;
  const file = await openWeights(folder);
  const family = FAMILIES[config.modelType];
  const names = namesInFile(file, family);
  const shapes = tensorShapes(config);
  const found = new Map([...names].map(([name, own]) => [name, file.tensors.get(own)?.shape ?? []]));
  const newLayers = [family.head.first, family.head.second].filter((layer) => {
    const own = [`${layer}.weight`, `${layer}.bias`].filter((name) => found.has(name));
    const fits = own.every((name) => String(found.get(name)) === String(shapes.get(name)));
    const asked = (newHead && layer === family.head.second) || (replaceHead && !fits);
    return own.length === 0 || (asked && own.length === 2);
  });
  const isNew = (name: string): boolean => newLayers.some((layer) => name.startsWith(`${layer}.`));
  const needed = new Map([...shapes].filter(([name]) => !isNew(name)));
  const kept = new Map([...found].filter(([name]) => !(isNew(name) && shapes.has(name))));
  const expected = "the tensors that config.json describes";
  refuse(compareShapes(needed, kept), { file: file.path, expected, remedy: " Do both files belong together?" });
  const fresh = initialValues(config, seed);
  const dtypeOf = (name: string, shape: number[]): FloatDtype =>
    name.startsWith(`${family.layers}.`) && shape.length === 2 ? dtype : "float32";
  const parameters = buildParameters(
    shapes,
    (name, shape) => (isNew(name) ? [fresh(name, shape)] : file.pieces(names.get(name) as string)),
    file.path,
    dtypeOf,
  );
  return { parameters, newLayers };
}

async function openWeights(folder: string): Promise<TensorFile> {
  for (const [name, open] of CONTAINERS) {
    const file = join(folder, name);
    if (existsSync(file)) return open(file);
  }
  const names = CONTAINERS.map(([name]) => name).join(", ");
  throw new FileFormatError(
    folder,
    `expected one of ${names} in this folder, got none. In Python, \`save_pretrained(folder)\` writes the first.`,
  );
}

/**
 * @returns the file's own name of each tensor, by the name that the model has for it
 * @throws {FileFormatError} two names stand for one tensor
 */
function namesInFile(file: TensorFile, { prefix, head }: Family): Map<string, string> {
  const own = [...file.tensors.keys()];
  const heads = [head.first, head.second].filter((layer) => !layer.startsWith(`${prefix}.`));
  const hasPrefix = own.some((name) => name.startsWith(`${prefix}.`));
  const names = new Map<string, string>();
  for (const name of own) {
    const today = name.replace(/LayerNorm\.gamma$/, "LayerNorm.weight").replace(/LayerNorm\.beta$/, "LayerNorm.bias");
    const bare = !hasPrefix && !isIgnored(today) && !heads.some((layer) => today.startsWith(`${layer}.`));
    const full = bare || (!hasPrefix && today.startsWith("pooler.")) ? `${prefix}.${today}` : today;
    const other = names.get(full);
    if (other !== undefined) {
      throw new FileFormatError(file.path, `expected one tensor for \`${full}\`, got ${other} and ${name}.`);
    }
    names.set(full, name);
  }
  return names;
}

function isIgnored(name: string): boolean {
  return IGNORED.some((pattern) => pattern.test(name));
}

/** @returns one line for each tensor that is missing, unknown or ill-shaped */
export function compareShapes(
  expected: ReadonlyMap<string, readonly number[]>,
  found: ReadonlyMap<string, readonly number[]>,
): string[] {
  const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
  const wrong = [...expected].flatMap(([name, shape]) => {
    const other = found.get(name);
    if (other === undefined) return [`\`${name}\`: expected ${shown(shape)}, got none`];
    return shown(other) === shown(shape) ? [] : [`\`${name}\`: expected ${shown(shape)}, got ${shown(other)}`];
  });
  const unknown = [...found.keys()]
    .filter((name) => !expected.has(name) && !isIgnored(name))
    .map((name) => `\`${name}\`: expected no such tensor`);
  return [...wrong, ...unknown];
}

/** @throws {FileFormatError} there are problems; the error lists the first twelve */
export function refuse(
  problems: readonly string[],
  { file, expected, remedy = "" }: { file: string; expected: string; remedy?: string },
): void {
  const count = problems.length;
  if (count === 0) return;
  const lines = [...problems.slice(0, 12), ...(count > 12 ? [`… and ${count - 12} more`] : [])];
  throw new FileFormatError(file, `expected ${expected}, got ${count} differences.${remedy}\n  ${lines.join("\n  ")}`);
}

/**
 * New weights as BERT and RoBERTa draw them: normal around 0 for matrices, 1 and 0 for layer norms, 0 for biases and the
 * padding's vector. All of them are frozen.
 */
export function initialParameters(config: ModelConfig, seed: number): ParameterMap {
  const values = initialValues(config, seed);
  return buildParameters(tensorShapes(config), (name, shape) => [values(name, shape)]);
}

function initialValues(config: ModelConfig, seed: number): (name: string, shape: number[]) => Float32Array {
  const generator = new Mt19937(seed);
  return (name, shape) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (name.endsWith(".bias")) return new Float32Array(size);
    if (shape.length === 1) return new Float32Array(size).fill(1); // a layer norm's weight
    const values = generator.normal(size, config.initializerRange);
    if (name.endsWith("word_embeddings.weight")) {
      const { padTokenId, hiddenSize } = config;
      values.fill(0, padTokenId * hiddenSize, (padTokenId + 1) * hiddenSize);
    }
    return values;
  };
}

function buildParameters(
  shapes: Map<string, number[]>,
  values: (name: string, shape: number[]) => Iterable<Float32Array>,
  file = "",
  dtypeOf = (_name: string, _shape: number[]): FloatDtype => "float32",
): ParameterMap {
  const made: ParameterMap = new Map();
  try {
    for (const [name, shape] of shapes) {
      const value = assemble(values(name, shape), shape, dtypeOf(name, shape), () => notFinite(file, name));
      made.set(name, new Parameter(name, value, false));
    }
    return made;
  } catch (error) {
    for (const parameter of made.values()) parameter.dispose();
    throw error;
  }
}

/** The error for a tensor with NaN or infinity in it. */
export function notFinite(file: string, name: string): FileFormatError {
  const remedy = "The file is damaged, or the training that wrote it diverged: take an earlier one.";
  return new FileFormatError(file, `\`${name}\`: expected numbers that are finite, got NaN or infinity. ${remedy}`);
}

/** A tensor from its values, piece by piece. @param bad the error where one is not finite */
function assemble(pieces: Iterable<Float32Array>, shape: number[], dtype: FloatDtype, bad: () => Error): Tensor {
  return tf.tidy(() => {
    const parts: Tensor[] = [];
    for (const piece of pieces) parts.push(copied(piece, [piece.length]));
    const [first] = parts;
    const values = parts.length === 1 && first ? first : tf.concat(parts);
    if (!allFinite(values)) throw bad();
    return cast(values.reshape(shape), dtype);
  });
}
