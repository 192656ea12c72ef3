/** The number formats of checkpoint files, and their conversion to and from float32. All are little-endian. */

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

interface ArrayType {
  new (bytes: ArrayBuffer): TensorValues;
  readonly BYTES_PER_ELEMENT: number;
}

/** The arrays that hold the bytes of a tensor, by the names of the safetensors format. */
const ARRAYS = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F64: Float64Array,
} satisfies Record<string, ArrayType>;

/** A dtype that can be read. */
export type FileDtype = keyof typeof ARRAYS;

/** Bytes an element. */
export const DTYPE_BYTES = Object.fromEntries(
  Object.entries(ARRAYS).map(([dtype, { BYTES_PER_ELEMENT }]) => [dtype, BYTES_PER_ELEMENT]),
) as Record<FileDtype, number>;

/**
 * Reads the bytes of a tensor as numbers.
 *
 * @param bytes an own buffer from its first byte on, as long as the elements need
 */
export function decodeValues(bytes: ArrayBuffer, dtype: FileDtype): TensorValues {
  const array: ArrayType = ARRAYS[dtype];
  const values = new array(bytes);
  if (dtype === "F16") return widenFloat16(values as Uint16Array);
  return dtype === "BF16" ? widenBfloat16(values as Uint16Array) : values;
}

/** Bits of one float16 → its value. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let float16Table: Float32Array | undefined;

/** float16 → float32, exactly. */
export function widenFloat16(halves: Uint16Array): Float32Array {
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

/** Any values as float32; float32 itself is returned as it is. */
export function toFloat32(values: TensorValues): Float32Array {
  if (values instanceof Float32Array) return values;
  const wide = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = Number(values[i]);
  return wide;
}

/** Bits of float32: infinity, 65,520 (which rounds to float16's infinity), and 2⁻¹⁴ (float16's smallest normal number). */
const [INFINITY, TOO_LARGE, NORMAL] = [0x7f800000, 0x477ff000, 0x38800000];

/** float32 → float16, rounded to nearest, ties to even. */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  const all = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < all.length; i++) {
    const bits = all[i] as number;
    const size = bits & 0x7fffffff;
    let half = size > INFINITY ? 0x7e00 : 0x7c00;
    if (size < NORMAL) {
      // Multiples of 2⁻²⁴, rounded as float64 rounds where its steps are 1.
      half = Math.abs(values[i] as number) * 2 ** 24 + 2 ** 52 - 2 ** 52;
    } else if (size < TOO_LARGE) {
      // Of the fraction's 23 bits 10 are left, and the exponent's bias is 112 less. Rounding up may carry into the exponent.
      half = ((size + 0xfff + ((size >>> 13) & 1)) >>> 13) - (112 << 10);
    }
    halves[i] = ((bits >>> 16) & 0x8000) | half;
  }
  return halves;
}
