import assert from "node:assert/strict";
import { test } from "node:test";
import { gatherRows, gelu, Linear, layerNorm, linear, scale, sum, tanh } from "../../lib/model/layers";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/runtime/autodiff";
import { type Tensor, type Tensor2D, tf } from "../../lib/runtime/tensorflow";
import { assertClose } from "../support/golden";
import { assertGradients, leaf, sample, weightedSum } from "../support/gradients";
import { assertNothingKept } from "../support/memory";

test("a linear layer is x · Wᵀ + b", () => {
  const weight = new Parameter("w", tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), false);
  const layer = new Linear(weight, new Parameter("b", tf.tensor1d([10, 20]), false));
  assert.deepEqual([layer.inFeatures, layer.outFeatures], [3, 2]);
  // [1, 0, −1] · rows of W: 1 − 3 and 4 − 6.
  assert.deepEqual(layer.forward(tf.tensor2d([[1, 0, -1]])).arraySync(), [[8, 18]]);
});

test("gelu is the exact one", () => {
  // x · Φ(x), Φ from tables of the normal distribution.
  const values = gelu(tf.tensor2d([[-2, -1, 0, 1, 2]])).dataSync();
  assertClose(values, [-2 * 0.0227501, -0.1586553, 0, 0.8413447, 2 * 0.9772499], { absolute: 1e-6 });
});

test("layer norm divides by the biased deviation, eps inside the root", () => {
  const norm = {
    weight: new Parameter("w", tf.tensor1d([1, 2]), false),
    bias: new Parameter("b", tf.tensor1d([0, 5]), false),
  };
  // Mean 2, variance 1; with eps 3 the root is 2: ∓0.5.
  assert.deepEqual(layerNorm(tf.tensor2d([[1, 3]]), { ...norm, eps: 3 }).arraySync(), [[-0.5, 6]]);
});

test("an embedding takes the rows of its table", () => {
  const table = new Parameter("t", tf.tensor2d([1, 2, 3, 4], [2, 2]), false);
  assert.deepEqual(gatherRows(table, tf.tensor1d([1, 0, 1], "int32")).arraySync(), [
    [3, 4],
    [1, 2],
    [3, 4],
  ]);
});

test("gradients with respect to inputs are those of finite differences", () => {
  const x = sample(3, 4, 1);
  const [gamma, beta] = [vector(4, 5), vector(4, 6)];
  assertGradients((input) => linear(input as Tensor2D, frozen(2, 4, 2), vector(2, 3)), [x]);
  assertGradients((input) => gelu(input as Tensor2D), [x]);
  assertGradients((input) => tanh(input as Tensor2D), [x]);
  assertGradients((input) => scale(input as Tensor2D, -2.5), [x]);
  assertGradients((input) => scale(input as Tensor2D, 1), [x]);
  assertGradients((input) => layerNorm(input as Tensor2D, { weight: gamma, bias: beta, eps: 1e-5 }), [x]);
  assertGradients((a, b) => sum(a as Tensor2D, b as Tensor2D), [x, sample(3, 4, 9)]);
  assertGradients((input) => gatherRows(input as Tensor2D, tf.tensor1d([2, 0, 2], "int32")), [x]);
});

test("gradients with respect to learning weights are those of tfjs's own differentiation", async () => {
  const x = sample(3, 4, 1);
  const rows = tf.tensor1d([4, 0, 4], "int32");
  const [weight, bias, table] = [frozen(4, 4, 2), vector(4, 3), frozen(5, 4, 4)];
  const [gamma, beta] = [vector(4, 5), vector(4, 6)];
  const weights = [weight, bias, table, gamma, beta];
  for (const parameter of weights) parameter.requiresGrad = true;
  const ours = (): { value: Tensor; gradients: Map<Parameter, Tensor> } =>
    gradientsOf<Parameter>(() =>
      tf.tidy(() => {
        const hidden = sum(linear(x, weight, bias), gatherRows(table, rows));
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

test("a linear layer keeps its input only where its weight learns", async () => {
  const x = new Parameter("x", sample(3, 4, 1), true);
  const kept = (learning: boolean): number => {
    const weight = frozen(2, 4, 2);
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

function frozen(rows: number, columns: number, phase: number): Parameter {
  return new Parameter("w", sample(rows, columns, phase), false);
}

function vector(size: number, phase: number): Parameter {
  return new Parameter(
    "b",
    tf.tidy(() => sample(1, size, phase).flatten()),
    false,
  );
}
