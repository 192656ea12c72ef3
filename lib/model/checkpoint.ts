/** The weights of a model folder, checked against the model before anything is loaded. */
import * as fs from "node:fs";
import * as path from "node:path";
import { FileFormatError } from "../files/errors";
import { SafetensorsFile } from "../files/safetensors";
import { Mt19937 } from "../runtime/random";
import { type Tensor, tf } from "../runtime/tensorflow";
import { Parameter, type ParameterMap } from "./parameters";

/** Tensors that some checkpoints carry and this model does not use. */
const IGNORED = [/\.position_ids$/, /\.embeddings\.token_type_ids$/, /\.pooler\.dense\.(weight|bias)$/, /^lm_head\./];

/**
 * Reads the weights of a folder, each tensor straight from the file, converted to float32 and frozen.
 *
 * @param folder holds model.safetensors
 * @param shapes what the model needs
 * @throws {FileFormatError} a tensor is missing, unknown or of another shape: all of them are named, nothing is loaded
 */
export function readParameters(folder: string, shapes: Map<string, number[]>): ParameterMap {
  const file = openWeights(folder);
  const problems = compareShapes(shapes, new Map([...file.tensors].map(([name, { shape }]) => [name, shape])));
  if (problems.length > 0) {
    const list = problems.slice(0, 12).join("\n  ");
    const rest = problems.length > 12 ? `\n  … and ${problems.length - 12} more` : "";
    throw new FileFormatError(
      file.path,
      `expected the tensors that config.json describes, got ${problems.length} differences. Do both files belong together?\n  ${list}${rest}`,
    );
  }
  return buildParameters(shapes, (name) => file.readFloat32(name));
}

function openWeights(folder: string): SafetensorsFile {
  const file = path.join(folder, "model.safetensors");
  if (!fs.existsSync(file)) {
    throw new FileFormatError(
      folder,
      "expected model.safetensors in this folder, got none. In Python, `save_pretrained(folder)` writes it.",
    );
  }
  return SafetensorsFile.open(file);
}

/** @returns one line for each tensor that is missing, unknown or ill-shaped */
export function compareShapes(expected: Map<string, number[]>, found: Map<string, number[]>): string[] {
  const shown = (shape: number[]): string => `[${shape.join(", ")}]`;
  const wrong = [...expected].flatMap(([name, shape]) => {
    const other = found.get(name);
    if (other === undefined) return [`\`${name}\`: expected ${shown(shape)}, got none`];
    return shown(other) === shown(shape) ? [] : [`\`${name}\`: expected ${shown(shape)}, got ${shown(other)}`];
  });
  const unknown = [...found.keys()]
    .filter((name) => !expected.has(name) && !IGNORED.some((pattern) => pattern.test(name)))
    .map((name) => `\`${name}\`: expected no such tensor`);
  return [...wrong, ...unknown];
}

/**
 * New weights as RoBERTa draws them: normal around 0 for matrices, 1 and 0 for layer norms, 0 for biases and the padding's vector.
 *
 * @param options.deviation standard deviation of the matrices (`initializer_range`)
 */
export function initialParameters(
  shapes: Map<string, number[]>,
  options: { seed: number; deviation: number; padTokenId: number },
): ParameterMap {
  const generator = new Mt19937(options.seed);
  return buildParameters(shapes, (name, shape) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (name.endsWith(".bias")) return new Float32Array(size);
    if (name.endsWith("LayerNorm.weight")) return new Float32Array(size).fill(1);
    const values = generator.normal(size, options.deviation);
    if (name.endsWith("word_embeddings.weight")) {
      const width = shape[1] as number;
      values.fill(0, options.padTokenId * width, (options.padTokenId + 1) * width);
    }
    return values;
  });
}

function buildParameters(
  shapes: Map<string, number[]>,
  values: (name: string, shape: number[]) => Float32Array,
): ParameterMap {
  const made: ParameterMap = new Map();
  try {
    for (const [name, shape] of shapes) {
      const tensor: Tensor = tf.tensor(values(name, shape), shape);
      made.set(name, new Parameter(name, tensor, false));
    }
    return made;
  } catch (error) {
    for (const parameter of made.values()) parameter.dispose();
    throw error;
  }
}
