import assert from "node:assert/strict";
import { test } from "node:test";
import { Linear } from "../../lib/model/linear";
import { Parameter } from "../../lib/model/parameters";
import { addBias } from "../../lib/tensor/ops/linear";
import { cast, floatDtype } from "../../lib/tensor/raw-op";
import { type Tensor2D, tf } from "../../lib/tensor/tensorflow";

/** W = [[1, 2, 3], [4, 5, 6]], b = [10, 20]. */
function layer(change = (weight: Tensor2D): Tensor2D => weight): Linear {
  const weight = new Parameter("w", change(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])), false);
  return new Linear(weight, new Parameter("b", tf.tensor1d([10, 20]), false));
}

test("a linear layer is x · Wᵀ + b", () => {
  const linear = layer();
  assert.deepEqual([linear.inFeatures, linear.outFeatures], [3, 2]);
  // [1, 0, −1] · rows of W: 1 − 3 and 4 − 6.
  const x = tf.tensor2d([[1, 0, -1]]);
  assert.deepEqual(addBias(linear.forward({ exact: x, rounded: x })).arraySync(), [[8, 18]]);
});

test("a matrix in bfloat16 takes the rounded input, one in float32 the exact one; the product passes on in bfloat16", () => {
  // 1 + 2⁻⁸ lies in the middle of two numbers of bfloat16; the tie goes to the even one, 1.
  const exact = tf.tensor2d([[0, 0, 1 + 2 ** -8]]);
  const rounded = cast(exact, "bfloat16");
  const products = [layer((weight) => cast(weight, "bfloat16")), layer()].map((linear) => {
    const { product } = linear.forward({ exact, rounded });
    assert.equal(floatDtype(product), "bfloat16");
    return cast(product, "float32").arraySync();
  });
  // Exactly 3 + 3 · 2⁻⁸ and 6 + 6 · 2⁻⁸; of bfloat16's 8 bits the last is worth 2⁻⁶ at 3 and 2⁻⁵ at 6.
  assert.deepEqual(products, [[[3, 6]], [[3 + 2 ** -6, 6 + 2 ** -5]]]);
});
