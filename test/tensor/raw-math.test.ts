import assert from "node:assert/strict";
import { test } from "node:test";
import {
  einsum,
  gather,
  keepWhere,
  matMul,
  meanLast,
  scatterSum,
  statelessUniform,
  sumLast,
  upperBound,
} from "../../lib/tensor/raw-math";
import { cast } from "../../lib/tensor/raw-op";
import { type Tensor, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { assertNothingKept } from "../support/memory";

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

test("a bfloat16 product is the nearest bfloat16 to the exact one, on every processor", async () => {
  await assertNothingKept(() => {
    // Whole numbers of five bits: the sums are exact in float32, and most need more than bfloat16's eight bits.
    const values = (rows: number, columns: number, factor: number): Tensor2D =>
      tf.tensor2d(
        Array.from({ length: rows * columns }, (_, i) => ((i * factor) % 31) - 12),
        [rows, columns],
      );
    const [a, b] = [values(17, 33, 7), values(20, 33, 11)];
    const [halfA, halfB] = [cast(a, "bfloat16"), cast(b, "bfloat16")];
    const products = [matMul(halfA, halfB, { b: true }), matMul(a, b, { b: true })];
    const nearest = cast(products[1] as Tensor, "bfloat16");
    const [got, expected] = [cast(products[0] as Tensor, "float32"), cast(nearest, "float32")];
    assert.notDeepEqual(expected.arraySync(), products[1]?.arraySync());
    assert.deepEqual(got.arraySync(), expected.arraySync());
    tf.dispose([a, b, halfA, halfB, ...products, nearest, got, expected]);
  });
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

test("sums, means and einsum reduce the axes that they name", async () => {
  await assertNothingKept(() => {
    const [x, y] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.tensor2d([1, 0, 2, 0, 1, 0], [2, 3])];
    const results = [sumLast(x), meanLast(x), einsum("ij,kj->ki", x, y)];
    assert.deepEqual(
      results.map((result) => result.arraySync()),
      [
        [[6], [15]],
        [[2], [5]],
        [
          [7, 16],
          [2, 5],
        ],
      ],
    );
    tf.dispose([x, y, ...results]);
  });
});

test("rows are taken by their index and added to their places", async () => {
  await assertNothingKept(() => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const places = tf.tensor1d([2, 0, 2], "int32");
    const results = [gather(x, places), scatterSum(x, places, 4)];
    assert.deepEqual(
      results.map((result) => result.arraySync()),
      [
        [
          [5, 6],
          [1, 2],
          [5, 6],
        ],
        [
          [3, 4],
          [0, 0],
          [6, 8],
          [0, 0],
        ],
      ],
    );
    tf.dispose([x, places, ...results]);
  });
});

test("keepWhere gives 0 where the condition fails, even in place of NaN", async () => {
  await assertNothingKept(() => {
    const [condition, x] = [tf.tensor1d([1, 0, 0], "bool"), tf.tensor1d([7, 8, Number.NaN])];
    const kept = keepWhere(condition, x);
    assert.deepEqual([...kept.dataSync()], [7, 0, 0]);
    tf.dispose([condition, x, kept]);
  });
});
