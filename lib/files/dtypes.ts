/** The number formats of checkpoint files, and their conversion to and from float32. All are little-endian. */

/** Bytes an element, by the names of the safetensors format. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

/** A dtype that can be read. */
export type FileDtype = keyof typeof DTYPE_BYTES;

/** The values of one tensor as its dtype has them: 16-bit floats widened to float32, 64-bit integers as bigint. */
export type TensorValues =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Bits of one float16 → its value. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let float16Table: Float32Array | undefined;

function widenFloat16(halves: Uint16Array): Float32Array {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16Value(bits));
  const table = float16Table;
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i] as number] as number;
  return values;
}

function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

/**
 * Reads the bytes of a tensor as numbers.
 *
 * @param bytes an own buffer from its first byte on, as long as the elements need
 */
export function decodeValues(bytes: ArrayBuffer, dtype: FileDtype): TensorValues {
  switch (dtype) {
    case "BOOL":
    case "U8":
      return new Uint8Array(bytes);
    case "I8":
      return new Int8Array(bytes);
    case "I16":
      return new Int16Array(bytes);
    case "U16":
      return new Uint16Array(bytes);
    case "F16":
      return widenFloat16(new Uint16Array(bytes));
    case "BF16":
      return widenBfloat16(new Uint16Array(bytes));
    case "I32":
      return new Int32Array(bytes);
    case "U32":
      return new Uint32Array(bytes);
    case "F32":
      return new Float32Array(bytes);
    case "I64":
      return new BigInt64Array(bytes);
    case "U64":
      return new BigUint64Array(bytes);
    case "F64":
      return new Float64Array(bytes);
  }
}

/** Any values as float32; float32 itself is returned as it is. */
export function toFloat32(values: TensorValues): Float32Array {
  if (values instanceof Float32Array) return values;
  const wide = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = Number(values[i]);
  return wide;
}

/** float32 → float16, rounded to nearest, ties to even. */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(values, (value, i) => {
    const sign = ((bits[i] as number) >>> 16) & 0x8000;
    const size = Math.abs(value);
    if (Number.isNaN(value)) return sign | 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    const exponent = Math.max(Math.floor(Math.log2(size)), -14);
    const steps = roundToEven(size / 2 ** (exponent - 10));
    // One full binade is 1024 steps; a value rounded up to the next power of two carries into the exponent by itself.
    return sign | (size < 2 ** -14 ? steps : ((exponent + 14) << 10) + steps);
  });
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
