/** An adapter's folder in PEFT's form: adapter_config.json and adapter_model.safetensors. */
import * as path from "node:path";
import { writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import { readJson } from "../files/json";
import { SafetensorsFile, writeSafetensors } from "../files/safetensors";
import { compareShapes } from "../model/checkpoint";
import type { ParameterMap } from "../model/parameters";
import { tf } from "../runtime/tensorflow";
import { fromAdapterConfig, type LoraConfig, toAdapterConfig } from "./config";

const CONFIG_FILE = "adapter_config.json";
const WEIGHTS_FILE = "adapter_model.safetensors";

/**
 * Writes an adapter that PEFT 0.10 and later load.
 *
 * @param baseModel name or folder of the model it belongs to
 */
export function writeAdapter(folder: string, config: LoraConfig, baseModel: string, parameters: ParameterMap): void {
  const tensors = new Map(
    [...parameters].map(([name, { value, shape }]) => [name, { shape, values: value.dataSync() as Float32Array }]),
  );
  writeSafetensors(path.join(folder, WEIGHTS_FILE), tensors);
  writeFileAtomic(path.join(folder, "README.md"), modelCard(config, baseModel));
  writeFileAtomic(path.join(folder, CONFIG_FILE), `${JSON.stringify(toAdapterConfig(config, baseModel), null, 2)}\n`);
}

function modelCard(config: LoraConfig, baseModel: string): string {
  return `---
library_name: peft
base_model: ${JSON.stringify(baseModel)}
---

# LoRA adapter

For \`${baseModel}\`: rank ${config.r}, alpha ${config.loraAlpha}, dropout ${config.loraDropout}, on ${config.targetModules.join(", ")}.
`;
}

/** Reads the settings of a saved adapter. */
export function readAdapterConfig(folder: string): LoraConfig {
  const file = path.join(folder, CONFIG_FILE);
  return fromAdapterConfig(readJson(file), file);
}

/**
 * Reads a saved adapter's weights into `parameters`.
 *
 * @throws {FileFormatError} a tensor is missing, unknown or ill-shaped: all are named, nothing is changed
 */
export function readAdapter(folder: string, parameters: ParameterMap): void {
  const file = SafetensorsFile.open(path.join(folder, WEIGHTS_FILE));
  const expected = new Map([...parameters].map(([name, { shape }]) => [name, shape]));
  const found = new Map([...file.tensors].map(([name, { shape }]) => [withoutAdapterName(name), shape]));
  const problems = compareShapes(expected, found);
  if (problems.length > 0) {
    throw new FileFormatError(
      file.path,
      `expected the adapter's tensors for this model, got ${problems.length} differences.\n  ${problems.slice(0, 12).join("\n  ")}`,
    );
  }
  // Everything is read before anything is assigned, so that a value that cannot be read changes nothing.
  const read = [...file.tensors.keys()].map((name) => ({
    parameter: parameters.get(withoutAdapterName(name)),
    values: file.readFloat32(name),
  }));
  for (const { parameter, values } of read) {
    tf.tidy(() => parameter?.value.assign(tf.tensor(values, parameter.shape)));
  }
}

/** Some writers put the adapter's name, "default", into the tensors' names. */
function withoutAdapterName(name: string): string {
  return name.replace(/\.default(?=\.(weight|bias)$)/, "");
}
