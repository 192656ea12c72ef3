/** `pytorch_model.bin`: a zip with the pickle of a state dict and the raw bytes of its storages (torch's format since 1.6). */
import { closeSync, openSync, readSync } from "node:fs";
import * as yauzl from "yauzl";
import { fileSize, readRange } from "./bytes";
import { DTYPE_BYTES, decodeValues, type FileDtype, type TensorValues, toFloat32 } from "./dtypes";
import { FileFormatError } from "./errors";
import { readStateDict, type TensorDescription } from "./pickle";
import { readPieces, type TensorFile, type TensorInfo } from "./tensor-file";

const MAX_PICKLE_BYTES = 100_000_000;
const MAX_ENTRIES = 2 ** 16;
/** How many elements a view may have beyond those of its storage, which it can repeat (stride 0). */
const MAX_REPEATED = 2 ** 20;

const STORAGE_DTYPES: Record<string, FileDtype> = {
  FloatStorage: "F32",
  DoubleStorage: "F64",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** Where the bytes of a zip entry lie in the file. */
interface Range {
  start: number;
  size: number;
}

/** An opened checkpoint: names and shapes are known, values are read one tensor at a time. Nothing in the file is executed. */
export class TorchCheckpoint implements TensorFile {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #descriptions: ReadonlyMap<string, TensorDescription>;
  readonly #storages: ReadonlyMap<string, Range>;

  private constructor(
    readonly path: string,
    descriptions: ReadonlyMap<string, TensorDescription>,
    storages: ReadonlyMap<string, Range>,
  ) {
    this.#descriptions = descriptions;
    this.#storages = storages;
    this.tensors = new Map(
      [...descriptions].map(([name, { shape, storage }]) => [name, { shape, dtype: dtypeOf(storage.type) }]),
    );
  }

  /**
   * Reads the directory and the pickle, and checks that every tensor lies within its storage.
   *
   * @throws {FileFormatError} the file is no such zip, is cut off, or its pickle holds anything but tensors
   */
  static async open(path: string): Promise<TorchCheckpoint> {
    try {
      const entries = await listEntries(path);
      const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
      if (pickleName === undefined) throw new Error("expected an entry data.pkl, got none.");
      const folder = pickleName.slice(0, -"data.pkl".length);
      const pickle = entries.get(pickleName) as Range;
      if (pickle.size > MAX_PICKLE_BYTES) throw new Error(`data.pkl: expected at most ${MAX_PICKLE_BYTES} bytes.`);
      const byteOrder = entries.get(`${folder}byteorder`);
      if (byteOrder !== undefined && readText(path, byteOrder) !== "little") {
        throw new Error("byteorder: expected little, got another. Save it again on a little-endian machine.");
      }
      const descriptions = readStateDict(new Uint8Array(readRange(path, pickle.start, pickle.size)));
      const checkpoint = new TorchCheckpoint(
        path,
        descriptions,
        new Map([...entries].map(([name, range]) => [name.slice(folder.length), range])),
      );
      for (const [name, description] of descriptions) checkpoint.#checkStorage(name, description);
      return checkpoint;
    } catch (error) {
      if (error instanceof FileFormatError) throw error;
      throw new FileFormatError(path, `not a PyTorch checkpoint that can be read: ${(error as Error).message}`);
    }
  }

  #checkStorage(name: string, { storage, offset, shape, stride }: TensorDescription): void {
    const range = this.#storages.get(`data/${storage.key}`);
    const bytes = storage.count * DTYPE_BYTES[dtypeOf(storage.type)];
    if (range === undefined) throw new Error(`\`${name}\`: expected an entry data/${storage.key}, got none.`);
    if (range.size !== bytes) throw new Error(`\`${name}\`: expected a storage of ${bytes} bytes, got ${range.size}.`);
    const elements = shape.reduce((product, size) => product * size, 1);
    const most = storage.count + MAX_REPEATED;
    if (!(elements <= most)) throw new Error(`\`${name}\`: expected at most ${most} elements, got [${shape}].`);
    if (!shape.includes(0) && lastElement(offset, shape, stride) >= storage.count) {
      throw new Error(`\`${name}\`: expected it within its ${storage.count} elements, got [${shape}] from ${offset}.`);
    }
  }

  /** Reads one tensor straight from the file, row-major whatever its strides are. */
  read(name: string): TensorValues {
    const { shape, stride, start, dtype } = this.#place(name);
    const count = shape.includes(0) ? 0 : lastElement(0, shape, stride) + 1;
    const values = decodeValues(readRange(this.path, start, count * DTYPE_BYTES[dtype]), dtype);
    return isRowMajor(shape, stride) ? values : rearrange(values, shape, stride);
  }

  readFloat32(name: string): Float32Array {
    return toFloat32(this.read(name));
  }

  pieces(name: string): Iterable<Float32Array> {
    const { shape, stride, start, dtype } = this.#place(name);
    if (!isRowMajor(shape, stride)) return [this.readFloat32(name)];
    return readPieces(this.path, { start, count: shape.reduce((product, size) => product * size, 1), dtype });
  }

  /** Where a tensor's first element lies in the file. */
  #place(name: string): TensorDescription & { start: number; dtype: FileDtype } {
    const description = this.#descriptions.get(name);
    if (description === undefined) throw new FileFormatError(this.path, `\`${name}\`: expected this tensor, got none.`);
    const { storage, offset } = description;
    const dtype = dtypeOf(storage.type);
    const { start } = this.#storages.get(`data/${storage.key}`) as Range;
    return { ...description, dtype, start: start + offset * DTYPE_BYTES[dtype] };
  }
}

function dtypeOf(type: string): FileDtype {
  const dtype = STORAGE_DTYPES[type];
  if (dtype === undefined) throw new Error(`expected a storage of numbers, got ${type}.`);
  return dtype;
}

function readText(path: string, { start, size }: Range): string {
  return new TextDecoder().decode(readRange(path, start, Math.min(size, 100))).trim();
}

/** The entries of a zip, by name; all are stored as they are. */
async function listEntries(path: string): Promise<Map<string, Range>> {
  const fileBytes = fileSize(path);
  if (fileBytes < 4 || readText(path, { start: 0, size: 2 }) !== "PK") {
    throw new Error("expected a zip (torch's format since 1.6), got something else. Save it again with torch.save.");
  }
  const reader = new CheckedReader(path);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, fileBytes, { lazyEntries: true, autoClose: false });
    if (zip.entryCount > MAX_ENTRIES)
      throw new Error(`expected at most ${MAX_ENTRIES} entries, got ${zip.entryCount}.`);
    const entries = new Map<string, Range>();
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, uncompressedSize: size } = entry;
      if (entry.compressionMethod !== 0 || entry.isEncrypted()) throw new Error(`${name}: expected it stored plainly.`);
      if (entries.has(name)) throw new Error(`${name}: expected it once, got two entries of this name.`);
      const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      if (start + size > fileBytes) throw new Error(`${name}: expected ${size} bytes, got fewer: the file is cut off.`);
      entries.set(name, { start, size });
    }
    return entries;
  } finally {
    reader.end();
  }
}

/** Reads at once, so that places outside of the file are errors of the call that asks, not of a callback nobody waits for. */
class CheckedReader extends yauzl.RandomAccessReader {
  readonly #descriptor: number;

  constructor(path: string) {
    super();
    this.#descriptor = openSync(path, "r");
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead: number) => void,
  ): void {
    if (!Number.isSafeInteger(position)) throw new Error(`expected a place in the file, got ${position}.`);
    done(null, readSync(this.#descriptor, buffer, offset, length, position));
  }

  end(): void {
    closeSync(this.#descriptor);
  }
}

function lastElement(offset: number, shape: number[], stride: number[]): number {
  return shape.reduce((last, size, axis) => last + (size - 1) * (stride[axis] as number), offset);
}

function isRowMajor(shape: number[], stride: number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if ((shape[axis] as number) > 1 && stride[axis] !== expected) return false;
    expected *= shape[axis] as number;
  }
  return true;
}

/** The elements that shape and strides name, in row-major order. */
function rearrange<T extends TensorValues>(values: T, shape: number[], stride: number[]): T {
  const count = shape.reduce((product, size) => product * size, 1);
  const ordered = new (values.constructor as new (count: number) => T)(count);
  const place = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    ordered[i] = values[place.reduce((at, index, axis) => at + index * (stride[axis] as number), 0)] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      place[axis] = 0;
    }
  }
  return ordered;
}
