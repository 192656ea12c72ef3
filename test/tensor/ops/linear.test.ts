import assert from "node:assert/strict";
import { test } from "node:test";
import { Parameter } from "../../../lib/model/parameters";
import { gradientsOf } from "../../../lib/tensor/autodiff";
import { gatherRows, sum } from "../../../lib/tensor/ops/basics";
import { addBias, linear, lowRankUpdate } from "../../../lib/tensor/ops/linear";
import { layerNorm } from "../../../lib/tensor/ops/norm";
import { type Tensor, type Tensor2D, tf } from "../../../lib/tensor/tensorflow";
import { assertClose } from "../../support/golden";
import {
  assertGradients,
  assertWeightGradients,
  leaf,
  sample,
  sampleVector,
  weightedSum,
} from "../../support/gradients";
import { testEveryWay } from "../../support/kernels";
import { assertNothingKept } from "../../support/memory";
import { frozen } from "../../support/weights";

testEveryWay("a low-rank update is product + scaling · down · upᵀ", () => {
  const [product, down, up] = [
    tf.tensor2d([[10, 20, 30]]),
    tf.tensor2d([[1, 2]]),
    tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]),
  ];
  // down · upᵀ = [1, 2, 3]
  assert.deepEqual(lowRankUpdate(product, down, frozen(up), 0.5).arraySync(), [[10.5, 21, 31.5]]);
});

testEveryWay("gradients of products, biases and updates are those of finite differences", () => {
  const x = sample(3, 4, 1);
  assertGradients((input) => linear(input as Tensor2D, frozen(sample(2, 4, 2))), [x]);
  assertWeightGradients((weight) => linear(x, weight as Parameter), [sample(2, 4, 2)]);
  assertWeightGradients(
    (product, bias) => addBias({ product: leaf(product as Parameter), bias: bias as Parameter }),
    [x, sampleVector(4, 3)],
  );
  assertWeightGradients(
    (product, down, up) => lowRankUpdate(leaf(product as Parameter), leaf(down as Parameter), up as Parameter, 1.5),
    [x, sample(3, 2, 40), sample(4, 2, 60)],
  );
});

test("gradients with respect to learning weights are those of tfjs's own differentiation", async () => {
  const x = sample(3, 4, 1);
  const rows = tf.tensor1d([4, 0, 4], "int32");
  const [weight, bias, table] = [frozen(sample(4, 4, 2)), frozen(sampleVector(4, 3)), frozen(sample(5, 4, 4))];
  const [gamma, beta] = [frozen(sampleVector(4, 5)), frozen(sampleVector(4, 6))];
  const weights = [weight, bias, table, gamma, beta];
  for (const parameter of weights) parameter.requiresGrad = true;
  const ours = (): { value: Tensor; gradients: Map<Parameter, Tensor> } =>
    gradientsOf<Parameter>(() =>
      tf.tidy(() => {
        const hidden = sum(addBias({ product: linear(x, weight), bias }), gatherRows(table, rows));
        return weightedSum(layerNorm(hidden, { weight: gamma, bias: beta, eps: 1e-5 }));
      }),
    );
  const plain = tf.variableGrads(
    () => {
      const product = tf.matMul(x, weight.value as unknown as Tensor2D, false, true);
      const hidden = tf.add(tf.add(product, bias.value), tf.gather(table.value, rows));
      const { mean, variance } = tf.moments(hidden, -1, true);
      const normal = tf.div(tf.sub(hidden, mean), tf.sqrt(tf.add(variance, 1e-5)));
      const factors = tf.sin(tf.range(1, 13)).reshape([3, 4]);
      return tf.sum(tf.mul(tf.add(tf.mul(normal, gamma.value), beta.value), factors)).asScalar();
    },
    weights.map(({ value }) => value),
  );
  const { gradients } = ours();
  for (const [i, parameter] of weights.entries()) {
    const expected = plain.grads[parameter.value.name]?.dataSync() ?? [];
    assertClose(gradients.get(parameter)?.dataSync() ?? [], expected, { absolute: 1e-5 }, `weight ${i}`);
  }
  await assertNothingKept(() => {
    const { value, gradients } = ours();
    tf.dispose([value, ...gradients.values()]);
  });
});

test("a product keeps its input only where its weight learns", async () => {
  const x = new Parameter("x", sample(3, 4, 1), true);
  const kept = (learning: boolean): number => {
    const weight = frozen(sample(2, 4, 2));
    weight.requiresGrad = learning;
    let tensors = 0;
    const { value, gradients } = gradientsOf<Parameter>(() => {
      const input = leaf(x);
      const before = tf.memory().numTensors;
      const output = linear(input, weight);
      tensors = tf.memory().numTensors - before - 1;
      return weightedSum(output);
    });
    tf.dispose([value, ...gradients.values()]);
    return tensors;
  };
  assert.deepEqual([kept(false), kept(true)], [0, 1]);
});
