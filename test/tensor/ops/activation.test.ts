import type { Parameter } from "../../../lib/model/parameters";
import { gelu, relu, tanh } from "../../../lib/tensor/ops/activation";
import { type Tensor2D, tf } from "../../../lib/tensor/tensorflow";
import { assertClose } from "../../support/golden";
import { assertGradients, assertWeightGradients, leaf, sample, sampleVector } from "../../support/gradients";
import { testEveryWay } from "../../support/kernels";
import { frozen } from "../../support/weights";

testEveryWay("gelu is the exact one, of the projection with its bias", () => {
  // x · Φ(x), Φ from tables of the normal distribution.
  const product = tf.tensor2d([[-3, -2, -1, 0, 1]]);
  const values = gelu({ product, bias: frozen(tf.ones([5])) }).dataSync();
  assertClose(values, [-2 * 0.0227501, -0.1586553, 0, 0.8413447, 2 * 0.9772499], { absolute: 1e-6 });
});

testEveryWay("gradients of activations are those of finite differences", () => {
  const x = sample(3, 4, 1);
  assertWeightGradients(
    (product, bias) => gelu({ product: leaf(product as Parameter), bias: bias as Parameter }),
    [x, sampleVector(4, 8)],
  );
  assertGradients((input) => tanh(input as Tensor2D), [x]);
  assertGradients((input) => relu(input as Tensor2D), [x]);
});
