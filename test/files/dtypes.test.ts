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
