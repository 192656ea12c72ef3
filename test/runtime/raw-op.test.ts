import assert from "node:assert/strict";
import { test } from "node:test";
import {
  castUint8,
  copied,
  matMul,
  statelessUniform,
  tensorBytes,
  toUint8,
  upperBound,
} from "../../lib/runtime/raw-op";
import { tf } from "../../lib/runtime/tensorflow";
import { assertNothingKept } from "../support/memory";

test("bytes are held as one byte an element and read back through int32", async () => {
  await assertNothingKept(() => {
    const wide = tf.tensor1d([0, 1, 127, 128, 255], "int32");
    const bytes = toUint8(wide);
    assert.deepEqual([tensorBytes(bytes), tensorBytes(wide), bytes.shape], [5, 20, [5]]);
    const back = castUint8(bytes);
    assert.deepEqual([...back.dataSync()], [0, 1, 127, 128, 255]);
    tf.dispose([wide, bytes, back]);
  });
});

test("matrices are multiplied as they are or transposed", () => {
  const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const b = tf.tensor2d([1, 0, 0, 1, 1, 1], [2, 3]);
  assert.deepEqual(matMul(a, b, { b: true }).arraySync(), [
    [1, 6],
    [4, 15],
  ]);
  assert.deepEqual(matMul(b, a, { a: true }).arraySync(), [
    [5, 7, 9],
    [4, 5, 6],
    [4, 5, 6],
  ]);
  assert.deepEqual(matMul(a, tf.tensor2d([1, 1, 1], [3, 1])).arraySync(), [[6], [15]]);
});

test("upperBound counts the entries that a value reaches", async () => {
  await assertNothingKept(() => {
    const [borders, values] = [tf.tensor1d([-1, 0, 2]), tf.tensor2d([-2, -1, -0.5, 0, 1, 2], [2, 3])];
    const places = upperBound(borders, values);
    assert.deepEqual(places.arraySync(), [
      [0, 1, 1],
      [2, 2, 3],
    ]);
    tf.dispose([borders, values, places]);
  });
});

test("stateless draws are in [0, 1) and the same for the same key", async () => {
  await assertNothingKept(() => {
    const draws = [
      [1, 2],
      [1, 2],
      [2, 1],
    ].map((key) => statelessUniform([1000], key as [number, number]));
    const [first, again, other] = draws.map((tensor) => tensor.dataSync());
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
    assert.ok(first?.every((value) => value >= 0 && value < 1));
    tf.dispose(draws);
  });
});

test("an operation that TensorFlow refuses is an error and leaves nothing behind", async () => {
  await assertNothingKept(() => {
    const [a, b] = [tf.ones([2, 3]), tf.ones([2, 3])];
    assert.throws(() => matMul(a, b), /incompatible|size/i);
    tf.dispose([a, b]);
  });
});

test("a copied tensor stays as it is when its array changes, wherever in memory that lies", async () => {
  await assertNothingKept(() => {
    // Sixteen places a float32 apart: one of them is a multiple of 64 bytes.
    const array = new Float32Array(1000);
    for (let offset = 0; offset < 16; offset++) {
      const values = array.subarray(offset, offset + 900).fill(offset + 1);
      const tensor = copied(values, [30, 30]);
      values.fill(0);
      assert.ok(tensor.dataSync().every((value) => value === offset + 1));
      assert.deepEqual(tensor.shape, [30, 30]);
      tensor.dispose();
    }
  });
});
