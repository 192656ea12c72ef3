/** A checkpoint in several safetensors files, found by `model.safetensors.index.json`. */
import { dirname, join } from "node:path";
import type { TensorValues } from "./dtypes";
import { FileFormatError } from "./errors";
import { isObject, readJson } from "./json";
import { SafetensorsFile } from "./safetensors";
import type { TensorFile, TensorInfo } from "./tensor-file";

/** Several safetensors files, read as one. */
export class ShardedSafetensors implements TensorFile {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #shards: ReadonlyMap<string, SafetensorsFile>;

  private constructor(
    readonly path: string,
    shards: ReadonlyMap<string, SafetensorsFile>,
  ) {
    this.#shards = shards;
    this.tensors = new Map([...shards].map(([name, shard]) => [name, shard.tensors.get(name) as TensorInfo]));
  }

  /**
   * Reads the index and the headers of all shards.
   *
   * @throws {FileFormatError} a shard is missing or broken, lies elsewhere, or lacks a tensor that the index says it has
   */
  static open(indexFile: string): ShardedSafetensors {
    const { weight_map: weightMap } = readJson(indexFile);
    if (!isObject(weightMap))
      throw new FileFormatError(indexFile, "`weight_map`: expected an object from tensor to file.");
    const opened = new Map<string, SafetensorsFile>();
    const shards = new Map<string, SafetensorsFile>();
    for (const [name, file] of Object.entries(weightMap)) {
      if (typeof file !== "string" || !/^[\w.-]+$/.test(file) || /^\.+$/.test(file)) {
        throw new FileFormatError(indexFile, `\`${name}\`: expected a file in the same folder, got ${String(file)}.`);
      }
      const shard = opened.get(file) ?? SafetensorsFile.open(join(dirname(indexFile), file));
      opened.set(file, shard);
      if (!shard.tensors.has(name)) throw new FileFormatError(shard.path, `\`${name}\`: expected it here, got none.`);
      shards.set(name, shard);
    }
    return new ShardedSafetensors(indexFile, shards);
  }

  read(name: string): TensorValues {
    return this.#shardOf(name).read(name);
  }

  readFloat32(name: string): Float32Array {
    return this.#shardOf(name).readFloat32(name);
  }

  pieces(name: string): Iterable<Float32Array> {
    return this.#shardOf(name).pieces(name);
  }

  #shardOf(name: string): SafetensorsFile {
    const shard = this.#shards.get(name);
    if (shard === undefined) throw new FileFormatError(this.path, `\`${name}\`: expected this tensor, got none.`);
    return shard;
  }
}
