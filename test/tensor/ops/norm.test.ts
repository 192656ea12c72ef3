import assert from "node:assert/strict";
import type { Parameter } from "../../../lib/model/parameters";
import { DropoutStream } from "../../../lib/tensor/dropout";
import { addNorm, type LayerNormParameters, layerNorm } from "../../../lib/tensor/ops/norm";
import { type Tensor2D, tf } from "../../../lib/tensor/tensorflow";
import { assertWeightGradients, leaf, sample, sampleVector } from "../../support/gradients";
import { testEveryWay } from "../../support/kernels";
import { frozen } from "../../support/weights";

const norm = (): LayerNormParameters => ({
  weight: frozen(tf.tensor1d([1, 2])),
  bias: frozen(tf.tensor1d([0, 5])),
  eps: 3,
});
const noDropout = { rate: 0, dropout: undefined };

testEveryWay("layer norm divides by the biased deviation, eps inside the root", () => {
  // Mean 2, variance 1; with eps 3 the root is 2: ∓0.5.
  assert.deepEqual(layerNorm(tf.tensor2d([[1, 3]]), norm()).arraySync(), [[-0.5, 6]]);
});

testEveryWay("the end of a block is the norm of the residual plus the projection with its bias", () => {
  // [−1, 4] + [1, −3] + [1, 2] = [1, 3], as above.
  const projection = { product: tf.tensor2d([[-1, 4]]), bias: frozen(tf.tensor1d([1, -3])) };
  assert.deepEqual(addNorm(projection, tf.tensor2d([[1, 2]]), norm(), noDropout).arraySync(), [[-0.5, 6]]);
});

testEveryWay("dropout drops of the projection and its bias, not of the residual", () => {
  const projection = { product: tf.zeros([400, 2]) as Tensor2D, bias: frozen(tf.tensor1d([1, 1])) };
  const identity = { weight: frozen(tf.ones([2])), bias: frozen(tf.zeros([2])), eps: 0 };
  const residual = tf.tensor2d([[0, 1]]).tile([400, 1]) as Tensor2D;
  // With 1/(1 − 0.5) = 2 or 0 added, the first is the smaller ([0, 1], [2, 3], [0, 3]) unless it alone stays: [2, 1].
  const rows = addNorm(projection, residual, identity, { rate: 0.5, dropout: new DropoutStream(1, 0) }).arraySync();
  const turned = rows.filter(([first = 0, second = 0]) => first > second).length;
  // A quarter of 400 rows: within four standard errors, 4 · √(400 · 3/16).
  assert.ok(Math.abs(turned - 100) < 35, `${turned} rows`);
});

for (const [what, options] of [
  ["without dropout", () => noDropout],
  ["with dropout", () => ({ rate: 0.4, dropout: new DropoutStream(3, 0) })],
] as const) {
  testEveryWay(`its gradients are those of finite differences, ${what}`, () => {
    const weights = [sample(3, 4, 1), sampleVector(4, 5), sample(3, 4, 20), sampleVector(4, 6), sampleVector(4, 7)];
    assertWeightGradients((...all) => {
      const [product, bias, residual, weight, shift] = all as [Parameter, Parameter, Parameter, Parameter, Parameter];
      const norm = { weight, bias: shift, eps: 1e-5 };
      return addNorm({ product: leaf(product), bias }, leaf(residual), norm, options());
    }, weights);
  });
}
