/** What all containers of weights have in common: names and shapes at once, values one tensor at a time. */
import type { TensorValues } from "./dtypes";

/** What is known of a tensor before it is read. */
export interface TensorInfo {
  /** Element format, by its safetensors name. */
  dtype: string;
  /** Sizes of its axes; empty for a scalar. */
  shape: readonly number[];
}

/** A file, or several that belong together, of named tensors. */
export interface TensorFile {
  /** Named in errors. */
  readonly path: string;
  /** Its tensors. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads one tensor straight from the file.
   * @throws {FileFormatError} there is no such tensor, or its dtype cannot be read
   */
  read(name: string): TensorValues;
  /** As {@link read}, converted to float32. */
  readFloat32(name: string): Float32Array;
}
