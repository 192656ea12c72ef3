/** A model's weights as its ONNX file has them. Axes: rows, columns; out, in. */

import { LoraLinear } from "../lora/lora-linear";
import type { SequenceClassifier } from "../model/classifier";
import { Linear } from "../model/linear";

/** A weight; its values are read when they are asked for. */
export interface Weight {
  readonly shape: readonly number[];
  values(): Float32Array;
}

/** Finds a weight by its Hugging Face name. */
export type WeightReader = (name: string) => Weight;

/** The weights that the model computes with now: updates merged, trained copies in the places of their originals. */
export function currentWeights(model: SequenceClassifier): WeightReader {
  return (name) => {
    const dot = name.lastIndexOf(".");
    const [path, part] = [name.slice(0, dot), name.slice(dot + 1) as "weight" | "bias"];
    const layer = model.linears.get(path)?.layer;
    if (layer instanceof Linear) return layer[part];
    if (layer instanceof LoraLinear) {
      return part === "bias" && layer.vectors.bias === undefined ? layer.base.bias : mergedPart(layer, part);
    }
    const weight = layer === undefined ? (model.standIns.get(name) ?? model.parameters.get(name)) : undefined;
    if (weight !== undefined) return weight;
    const got = layer?.constructor.name ?? "none";
    throw new Error(`\`${name}\`: expected a weight, of a linear layer with LoRA or without, got ${got}.`);
  };
}

function mergedPart(layer: LoraLinear, part: "weight" | "bias"): Weight {
  const values = (): Float32Array => {
    const merged = layer.merge();
    try {
      return merged[part].values();
    } finally {
      merged.weight.dispose();
      if (merged.bias !== layer.base.bias) merged.bias.dispose();
    }
  };
  return { shape: layer.base[part].shape, values };
}

/** [rows, columns] → [columns, rows] */
export function transposed<T extends Float32Array | Int8Array>(values: T, columns: number): T {
  const rows = values.length / columns;
  const turned = values.slice() as T;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j] as number;
  return turned;
}

/**
 * What each row is divided by so that its values are whole numbers of 8 bits, as far apart as `levels` allows.
 *
 * @param levels the largest code, of either sign
 * @returns [rows]
 */
export function rowScales(values: Float32Array, columns: number, levels: number): Float32Array {
  return Float32Array.from({ length: values.length / columns }, (_, i) => {
    let most = 0;
    for (let j = i * columns; j < (i + 1) * columns; j++) most = Math.max(most, Math.abs(values[j] as number));
    return most / levels || 1;
  });
}

/** Values as whole numbers, which times their row's scale are near them. [rows, columns] */
export function quantized(values: Float32Array, columns: number, levels: number): Int8Array {
  const scales = rowScales(values, columns, levels);
  const codes = new Int8Array(values.length);
  scales.forEach((scale, i) => {
    for (let j = i * columns; j < (i + 1) * columns; j++) codes[j] = Math.round((values[j] as number) / scale);
  });
  return codes;
}
