/** The safetensors container, with the rules of its reference reader: https://github.com/huggingface/safetensors */
import { writeFileAtomic } from "./atomic";
import { fileSize, readRange } from "./bytes";
import { DTYPE_BYTES, decodeValues, type FileDtype, narrowToFloat16, type TensorValues, toFloat32 } from "./dtypes";
import { FileFormatError } from "./errors";
import { parseStrict, StrictObject, type StrictValue } from "./strict-json";
import { readPieces, type TensorFile, type TensorInfo } from "./tensor-file";

const MAX_HEADER_BYTES = 100_000_000;

/** Where one tensor lies in its file. */
interface TensorEntry extends TensorInfo {
  /** First byte, from the start of the file. */
  start: number;
  /** Byte after the last. */
  end: number;
}

/** An opened safetensors file: names, shapes and metadata are known, values are read one tensor at a time. */
export class SafetensorsFile implements TensorFile {
  private constructor(
    /** The file's path. */
    readonly path: string,
    /** Its tensors in the order of the header. */
    readonly tensors: Map<string, TensorEntry>,
    /** The header's `__metadata__`. */
    readonly metadata: Record<string, string>,
  ) {}

  /**
   * Reads and checks the header.
   *
   * @throws {FileFormatError} the file breaks a rule of the format
   */
  static open(path: string): SafetensorsFile {
    const size = fileSize(path);
    const { text, dataStart } = readHeader(path, size);
    let header: Header;
    try {
      header = parseHeader(text, dataStart);
    } catch (error) {
      throw new FileFormatError(path, `header: ${error instanceof Error ? error.message : error}.`);
    }
    checkCoverage(path, header.tensors, dataStart, size);
    return new SafetensorsFile(path, header.tensors, header.metadata);
  }

  read(name: string): TensorValues {
    const { start, end, dtype } = this.#entry(name);
    return decodeValues(readRange(this.path, start, end - start), dtype);
  }

  readFloat32(name: string): Float32Array {
    return toFloat32(this.read(name));
  }

  pieces(name: string): Iterable<Float32Array> {
    const { start, end, dtype } = this.#entry(name);
    return readPieces(this.path, { start, count: (end - start) / DTYPE_BYTES[dtype], dtype });
  }

  #entry(name: string): TensorEntry & { dtype: FileDtype } {
    const entry = this.tensors.get(name);
    if (entry === undefined) throw new FileFormatError(this.path, `\`${name}\`: expected this tensor, got none.`);
    const { dtype } = entry;
    if (!Object.hasOwn(DTYPE_BYTES, dtype)) {
      const known = Object.keys(DTYPE_BYTES).join(", ");
      throw new FileFormatError(this.path, `\`${name}\`: expected a dtype of ${known}, got ${dtype}.`);
    }
    return { ...entry, dtype: dtype as FileDtype };
  }
}

function readHeader(path: string, size: number): { text: string; dataStart: number } {
  if (size < 8) throw new FileFormatError(path, `expected at least 8 bytes, got ${size}.`);
  const length = new DataView(readRange(path, 0, 8)).getBigUint64(0, true);
  const most = Math.min(size - 8, MAX_HEADER_BYTES);
  if (length > BigInt(most)) {
    throw new FileFormatError(path, `header length: expected at most ${most}, got ${length}.`);
  }
  const header = readRange(path, 8, Number(length));
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    return { text, dataStart: 8 + Number(length) };
  } catch {
    throw new FileFormatError(path, "header: expected UTF-8 text.");
  }
}

/** What a header says. */
interface Header {
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

function parseHeader(text: string, dataStart: number): Header {
  const header = parseStrict(text);
  if (!(header instanceof StrictObject)) throw new Error("expected a JSON object");
  const notes = header.toMap(["__metadata__"]).get("__metadata__") ?? new StrictObject();
  if (!(notes instanceof StrictObject) || notes.fields.some(([, value]) => typeof value !== "string")) {
    throw new Error("`__metadata__`: expected an object of strings");
  }
  // Of two tensors of one name the last counts, and both have to be right, as in the reference reader.
  const entries = header.fields.filter(([name]) => name !== "__metadata__");
  const tensors = new Map(entries.map(([name, entry]) => [name, parseEntry(name, entry, dataStart)]));
  return { tensors, metadata: Object.fromEntries(notes.fields) as Record<string, string> };
}

function parseEntry(name: string, entry: StrictValue, dataStart: number): TensorEntry {
  const fail = (problem: string): never => {
    throw new Error(`\`${name}\`: ${problem}`);
  };
  const names = ["dtype", "shape", "data_offsets"];
  if (!(entry instanceof StrictObject)) return fail(`expected an object with ${names.join(", ")}`);
  const fields = entry.toMap(names);
  const [dtype, shape, offsets] = names.map((field) => fields.get(field));
  const bits = typeof dtype === "string" ? ALL_DTYPES.get(dtype) : undefined;
  if (bits === undefined) return fail(`expected a known dtype, got ${String(dtype)}`);
  if (!isIntegers(shape)) return fail("expected a shape of non-negative integers");
  if (!isIntegers(offsets) || offsets.length !== 2) return fail("expected two data_offsets");
  const [start = 0n, end = 0n] = offsets;
  const total = [...shape, bits].reduce((product, size) => {
    return product * size < 2n ** 64n ? product * size : fail("expected a size of 64 bits, got a larger shape");
  }, 1n);
  if (total % 8n !== 0n || total / 8n !== end - start) {
    return fail(`expected ${total / 8n} bytes for ${dtype} [${shape.slice(0, 8)}], got ${end - start}`);
  }
  const at = (offset: bigint): number => dataStart + Number(offset);
  return { dtype: dtype as string, shape: shape.map(Number), start: at(start), end: at(end) };
}

/** Bits an element of every dtype that the format knows; not all of them can be read. */
const ALL_DTYPES = new Map<string, bigint>([
  ...Object.entries(DTYPE_BYTES).map(([name, bytes]): [string, bigint] => [name, BigInt(bytes * 8)]),
  ["C64", 64n],
  ["F8_E5M2", 8n],
  ["F8_E4M3", 8n],
  ["F8_E8M0", 8n],
  ["F8_E4M3FNUZ", 8n],
  ["F8_E5M2FNUZ", 8n],
  ["F6_E2M3", 6n],
  ["F6_E3M2", 6n],
  ["F4", 4n],
]);

function isIntegers(value: StrictValue | undefined): value is bigint[] {
  return Array.isArray(value) && value.every((item) => typeof item === "bigint");
}

/** Sorted by offset, tensors follow each other from the first byte of the data to the last of the file. */
function checkCoverage(path: string, tensors: Map<string, TensorEntry>, dataStart: number, size: number): void {
  let expected = dataStart;
  const sorted = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  for (const [name, entry] of sorted) {
    if (entry.start !== expected) {
      throw new FileFormatError(path, `\`${name}\`: expected its data at byte ${expected}, got ${entry.start}.`);
    }
    expected = entry.end;
  }
  if (expected !== size) throw new FileFormatError(path, `expected the file to end at byte ${expected}, got ${size}.`);
}

/** One tensor to write. */
export interface TensorData {
  /** Sizes of its axes. */
  shape: readonly number[];
  /** float32 values or raw bytes, row-major; a function is asked for float32 values when their turn comes. */
  values: Float32Array | Uint8Array | (() => Float32Array);
}

/**
 * Writes a safetensors file, with `{"format": "pt"}` as metadata (older readers of transformers refuse files without it).
 *
 * @param path its final place, written whole or not at all
 * @param tensors by name
 * @param options.half true writes float32 values as float16
 */
export function writeSafetensors(
  path: string,
  tensors: Map<string, TensorData>,
  options: { half?: boolean } = {},
): void {
  const size = (data: TensorData): number => (data.values instanceof Uint8Array ? 1 : options.half ? 2 : 4);
  // The reference writer's order: falling element size, then name.
  const sorted = [...tensors].sort(([a, x], [b, y]) => size(y) - size(x) || (a < b ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const [name, data] of sorted) {
    const end = offset + data.shape.reduce((product, axis) => product * axis, 1) * size(data);
    const dtype = { 1: "U8", 2: "F16", 4: "F32" }[size(data)];
    header[name] = { dtype, shape: data.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, " ");
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileAtomic(
    path,
    pieces(
      [length, padded],
      sorted.map(([, data]) => data),
      options.half ?? false,
    ),
  );
}

function* pieces(head: Uint8Array[], tensors: TensorData[], half: boolean): Generator<Uint8Array> {
  yield* head;
  for (const data of tensors) {
    const values = typeof data.values === "function" ? data.values() : data.values;
    const stored = values instanceof Float32Array && half ? narrowToFloat16(values) : values;
    yield new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  }
}
