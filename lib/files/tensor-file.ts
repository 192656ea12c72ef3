/** What the readers of all checkpoint formats have in common: names and shapes at once, values one tensor at a time. */
import { readInto } from "./bytes";
import { DTYPE_BYTES, decodeValues, type FileDtype, type TensorValues, toFloat32 } from "./dtypes";

/** What is known of a tensor before it is read. */
export interface TensorInfo {
  /** Element format, by its safetensors name. */
  dtype: string;
  /** Sizes of its axes; empty for a scalar. */
  shape: readonly number[];
}

/** An opened checkpoint: a file of named tensors, or several that belong together. */
export interface TensorFile {
  /** The file that errors name. */
  readonly path: string;
  /** Its tensors, by name. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Reads one tensor straight from the file.
   * @throws {FileFormatError} there is no such tensor, or its dtype cannot be read
   */
  read(name: string): TensorValues;
  /** As {@link read}, converted to float32. */
  readFloat32(name: string): Float32Array;
  /**
   * As {@link readFloat32}, in pieces of at most 16 MB, so that a large tensor takes little memory. A piece may be
   * overwritten by the next.
   */
  pieces(name: string): Iterable<Float32Array>;
}

/** Elements of a piece. */
const PIECE = 2 ** 22;

/** Holds one piece; used again for every tensor. */
let buffer: ArrayBuffer | undefined;

/** The float32 pieces of `count` elements that lie behind each other in a file. */
export function* readPieces(
  path: string,
  { start, count, dtype }: { start: number; count: number; dtype: FileDtype },
): Iterable<Float32Array> {
  const bytes = DTYPE_BYTES[dtype];
  for (let first = 0; first < count; first += PIECE) {
    const size = Math.min(PIECE, count - first);
    if (dtype === "F32") {
      buffer ??= new ArrayBuffer(4 * PIECE);
      readInto(path, start + first * bytes, new Uint8Array(buffer, 0, size * bytes));
      yield new Float32Array(buffer, 0, size);
    } else {
      const piece = new ArrayBuffer(size * bytes);
      readInto(path, start + first * bytes, new Uint8Array(piece));
      yield toFloat32(decodeValues(piece, dtype));
    }
  }
}
