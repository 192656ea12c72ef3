import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeValues, narrowToFloat16, toFloat32 } from "../../lib/files/dtypes";

test("every float16 that is widened and narrowed is the same again", () => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const wide = decodeValues(all.slice().buffer, "F16") as Float32Array;
  const narrow = narrowToFloat16(wide);
  const changed = [...all].filter((bits) => narrow[bits] !== bits && !Number.isNaN(wide[bits]));
  assert.deepEqual(changed, []);
  assert.equal([...narrow].filter((bits, i) => Number.isNaN(wide[i]) && (bits & 0x7fff) !== 0x7e00).length, 0);
});

test("float32 is rounded to the nearest float16, ties to even, beyond the largest to infinity", () => {
  const cases: [number, number][] = [
    [1, 0x3c00],
    // Between 1 and the next float16, 1 + 2⁻¹⁰: the middle goes to the even 1, more than it up.
    [1 + 2 ** -11, 0x3c00],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [1 + 3 * 2 ** -11, 0x3c02],
    // The largest value carries into the next power of two, and beyond 65,519 into infinity.
    [2 - 2 ** -12, 0x4000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-1e10, 0xfc00],
    // The smallest: 2⁻²⁴; half of it goes to the even 0, more than half up.
    [2 ** -24, 1],
    [2 ** -25, 0],
    [1.5 * 2 ** -25, 1],
    // The largest below the normal numbers rounds up to the first of them.
    [2 ** -14 - 2 ** -26, 0x400],
    [-0, 0x8000],
    [Number.NaN, 0x7e00],
  ];
  for (const [value, bits] of cases) {
    assert.equal(narrowToFloat16(Float32Array.of(value))[0], bits, `${value}`);
  }
});

/** Rounds as IEEE 754 defines it, by arithmetic on the values. */
function roundedByDefinition(value: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = size / 2 ** (exponent - 10);
  const [below, rest] = [Math.floor(steps), steps % 1];
  const nearest = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return sign | (size < 2 ** -14 ? nearest : ((exponent + 14) << 10) + nearest);
}

/** Bit patterns of float32 whose float16 differs from the definition. NaNs may have either sign. */
function wronglyRounded(patterns: Uint32Array): string[] {
  const values = new Float32Array(patterns.buffer);
  const halves = narrowToFloat16(values);
  const wrong = [...patterns.keys()].filter((i) => {
    const [value, half] = [values[i] as number, halves[i] as number];
    return (Number.isNaN(value) ? half & 0x7fff : half) !== roundedByDefinition(value);
  });
  return wrong.map((i) => `0x${(patterns[i] as number).toString(16)}: ${halves[i]?.toString(16)}`);
}

test("the float32 at, just below and just above every middle between two float16 is rounded by the definition", () => {
  const finite = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits);
  const wide = decodeValues(finite.slice().buffer, "F16") as Float32Array;
  const middles = Float32Array.from(wide, (value, i) => (value + (wide[i + 1] ?? 2 ** 16)) / 2);
  const around = [...new Uint32Array(middles.buffer)].flatMap((bits) => [bits - 1, bits, bits + 1]);
  assert.deepEqual(wronglyRounded(Uint32Array.from(around)), []);
  assert.deepEqual(wronglyRounded(Uint32Array.from(around, (bits) => bits + 2 ** 31)), []);
});

test("float32 patterns over the whole range, NaN and infinity among them, are rounded by the definition", () => {
  const STRIDE = 7919; // a prime, so that all low bits occur
  assert.deepEqual(wronglyRounded(Uint32Array.from({ length: 2 ** 32 / STRIDE }, (_, i) => i * STRIDE)), []);
  assert.deepEqual(wronglyRounded(Uint32Array.of(0, 1, 0x7f800000, 0x7f800001, 0x7fffffff, 0xff800000, 2 ** 31)), []);
});

test("bfloat16 is the upper half of a float32", () => {
  assert.deepEqual(
    [...(decodeValues(Uint16Array.of(0x3f80, 0xc049, 0x7f80).buffer, "BF16") as Float32Array)],
    [1, -3.140625, Infinity],
  );
});

test("integers become float32, float32 is not copied", () => {
  assert.deepEqual([...toFloat32(BigInt64Array.of(-3n, 2n ** 40n))], [-3, 2 ** 40]);
  const values = Float32Array.of(1);
  assert.equal(toFloat32(values), values);
});
