/** Gradients against finite differences, and against those that the reference computed. */
import assert from "node:assert/strict";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { Parameter, type ParameterMap } from "../../lib/model/parameters";
import { differentiable, gradientsOf } from "../../lib/tensor/autodiff";
import { type Tensor, type Tensor1D, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { assertClose } from "./golden";
import { GRADIENTS } from "./tolerances";

/** A matrix of reproducible numbers around 0, of size about 1. */
export function sample(rows: number, columns: number, phase: number): Tensor2D {
  return tf.tidy(() =>
    tf.mul(tf.sin(tf.mul(tf.range(phase, phase + rows * columns), 1.7)), 1.2).reshape([rows, columns]),
  );
}

/** A weight as a tensor whose gradient reaches it. */
export function leaf(weight: Parameter): Tensor2D {
  return differentiable([weight], { forward: () => weight.value.clone(), backward: (dy) => [dy.clone()] });
}

/** Σ x · weights, weights fixed and unequal. */
export function weightedSum(x: Tensor): Tensor {
  const weights = (): Tensor => tf.sin(tf.range(1, x.size + 1)).reshape(x.shape);
  return differentiable([x], {
    forward: () => tf.sum(tf.mul(x, weights())),
    backward: (dy) => [tf.mul(dy, weights())],
  });
}

/** Reproducible numbers around 0. */
export function sampleVector(size: number, phase: number): Tensor1D {
  return tf.tidy(() => sample(1, size, phase).flatten());
}

/**
 * Compares the gradients of a weighted sum of f's result with central differences.
 *
 * @param f is given the inputs as tensors
 */
export function assertGradients(f: (...inputs: Tensor2D[]) => Tensor, inputs: readonly Tensor2D[]): void {
  assertWeightGradients((...weights) => f(...weights.map(leaf)), inputs);
}

/** As {@link assertGradients}, for an f that takes weights. */
export function assertWeightGradients(f: (...weights: Parameter[]) => Tensor, inputs: readonly Tensor[]): void {
  const weights = inputs.map((input, i) => new Parameter(`input ${i}`, input.clone(), true));
  const total = (): Tensor => tf.tidy(() => weightedSum(f(...weights)));
  const { value, gradients } = gradientsOf<Parameter>(total);
  // In float32 a difference over 2 · 10⁻² is good to about 10⁻³: rounding is 10⁻⁷ / 10⁻², the cubic term below 10⁻³.
  const step = 1e-2;
  for (const weight of weights) {
    const values = Float32Array.from(weight.value.dataSync());
    const at = (i: number, change: number): number =>
      tf.tidy(() => {
        const moved = values.map((x, k) => (k === i ? x + change : x));
        weight.value.assign(tf.tensor(moved, weight.shape));
        return total().dataSync()[0] as number;
      });
    const expected = Array.from(values, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
    weight.value.assign(tf.tidy(() => tf.tensor(values, weight.shape)));
    assertClose(gradients.get(weight)?.dataSync() ?? [], expected, { absolute: 2e-3, relative: 2e-3 }, weight.name);
  }
  tf.dispose([value, ...gradients.values(), ...weights.map((weight) => weight.value)]);
}

/**
 * Compares the gradients of all of a model's weights with those of a file, which has one tensor for each weight.
 *
 * @param file safetensors, the weights' names
 */
export function assertGradientsOf(
  model: { parameters: ParameterMap },
  gradients: ReadonlyMap<Parameter, Tensor>,
  file: string,
): void {
  const expected = SafetensorsFile.open(file);
  assert.equal(expected.tensors.size, model.parameters.size);
  for (const [name, parameter] of model.parameters) {
    const gradient = gradients.get(parameter) as Tensor;
    assertClose(gradient.dataSync(), expected.readFloat32(name), GRADIENTS, name);
  }
}
