import assert from "node:assert/strict";
import { test } from "node:test";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { LoraConfig } from "../../lib/lora/config";
import { LoraLinear } from "../../lib/lora/lora-linear";
import { getPeftModel } from "../../lib/lora/peft-model";
import { type ForwardContext, Linear } from "../../lib/model/linear";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/tensor/autodiff";
import { DropoutStream } from "../../lib/tensor/dropout";
import { addBias } from "../../lib/tensor/ops/linear";
import { Mt19937 } from "../../lib/tensor/random";
import { type Tensor, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { assertClose, caseFile } from "../support/golden";
import { sample, weightedSum } from "../support/gradients";
import { tinyModel } from "../support/tiny";

/** W = [[1, 2], [3, 4]], b = [10, 20], A = [[1, 0]], B = [[1], [2]]. */
function example(options: { loraAlpha?: number; loraDropout?: number } = {}): LoraLinear {
  const weight = new Parameter("w", tf.tensor2d([1, 2, 3, 4], [2, 2]), false);
  const base = new Linear(weight, new Parameter("b", tf.tensor1d([10, 20]), false));
  const layer = LoraLinear.from(base, "x.query", new LoraConfig({ r: 1, ...options }), new Mt19937(0));
  layer.loraA.value.assign(tf.tensor2d([[1, 0]]));
  layer.loraB.value.assign(tf.tensor2d([[1], [2]]));
  return layer;
}

/** The layer's answer with its bias. */
function answer(layer: LoraLinear, x: Tensor2D, context: ForwardContext = {}): Tensor2D {
  return addBias(layer.forward({ exact: x, rounded: x }, context));
}

test("the output is the base's plus scaling · B(A(x))", () => {
  const x = tf.tensor2d([[1, 1]]);
  // Base: [1 + 2 + 10, 3 + 4 + 20]; A x = 1, B of it [1, 2], times alpha / r.
  assert.deepEqual(answer(example({ loraAlpha: 1 }), x).arraySync(), [[14, 29]]);
  assert.deepEqual(answer(example({ loraAlpha: 4 }), x).arraySync(), [[17, 35]]);
});

test("dropout applies to the update alone, not to the base", () => {
  const x = tf.ones([200, 2]) as Tensor2D;
  const layer = example({ loraAlpha: 1, loraDropout: 0.5 });
  const rows = answer(layer, x, { dropout: new DropoutStream(1, 0) }).arraySync();
  // A looks at the first input only: 0 where that is dropped, 1 / (1 − 0.5) where it is kept.
  const kinds = new Set(rows.map(([first]) => first));
  assert.deepEqual([...kinds].sort(), [13, 15]);
  assert.deepEqual(answer(layer, x).arraySync()[0], [14, 29]);
});

test("merging puts the update into a weight of its own", () => {
  const layer = example({ loraAlpha: 4 });
  const merged = layer.merge();
  assert.deepEqual(merged.weight.value.arraySync(), [
    [5, 2],
    [11, 4],
  ]);
  assert.deepEqual(layer.base.weight.value.dataSync()[0], 1);
  assert.equal(merged.bias, layer.base.bias);
});

test("gradients of the two matrices are those of finite differences, and the base gets none", () => {
  const layer = example({ loraAlpha: 3 });
  const x = sample(3, 2, 1);
  const total = (): Tensor => tf.tidy(() => weightedSum(answer(layer, x)));
  const { gradients } = gradientsOf<Parameter>(total);
  assert.deepEqual([...gradients.keys()].map(({ name }) => name).sort(), [
    "base_model.model.x.query.lora_A.weight",
    "base_model.model.x.query.lora_B.weight",
  ]);
  for (const [{ value, shape }, gradient] of gradients) {
    const start = Float32Array.from(value.dataSync());
    const at = (i: number, change: number): number => {
      value.assign(tf.tensor(start.with(i, (start[i] as number) + change), shape));
      return total().dataSync()[0] as number;
    };
    // The total is linear in each matrix: a wide difference is exact but for rounding.
    const expected = Array.from(start, (_, i) => (at(i, 1) - at(i, -1)) / 2);
    value.assign(tf.tensor(start, shape));
    assertClose(gradient.dataSync(), expected, { absolute: 1e-4 });
  }
});

// How many numbers torch's generator had drawn for the model before PEFT asked for the first adapter's, and its seed.
const GENERATORS = [
  { name: "roberta-head", seed: 103, drawn: 65_314, layers: 2, options: {} },
  { name: "roberta-seed", seed: 203, drawn: 78_454, layers: 2, options: {} },
  { name: "roberta-8bit", seed: 303, drawn: 121_938, layers: 1, options: { r: 64, loraAlpha: 32 } },
] as const;

for (const { name, seed, drawn, layers, options } of GENERATORS) {
  test(`${name}: A is drawn as PEFT draws it from torch's generator`, () => {
    const file = SafetensorsFile.open(caseFile(name, "adapter_init", "adapter_model.safetensors"));
    const generator = new Mt19937(seed);
    for (let i = 0; i < drawn; i++) generator.next32();
    for (let layer = 0; layer < layers; layer++) {
      for (const module of ["query", "value"]) {
        const path = `roberta.encoder.layer.${layer}.attention.self.${module}`;
        const expected = file.readFloat32(`base_model.model.${path}.lora_A.weight`);
        const [hidden] = file.tensors.get(`base_model.model.${path}.lora_B.weight`)?.shape ?? [];
        const size = hidden as number;
        const zero = (shape: number[]): Parameter => new Parameter("zero", tf.zeros(shape), false);
        const lora = LoraLinear.from(
          new Linear(zero([size, size]), zero([size])),
          path,
          new LoraConfig(options),
          generator,
        );
        // One unit in the last place of a float32 below the bound 1 / √in.
        const unit = 2 ** (Math.floor(Math.log2(1 / Math.sqrt(size))) - 23);
        assertClose(lora.loraA.value.dataSync(), expected, { absolute: unit }, path);
        assert.ok(lora.loraB.value.dataSync().every((value) => value === 0));
      }
    }
  });
}

test("an adapter's seed decides its A, module by module in the model's order", () => {
  const model = getPeftModel(tinyModel({ num_hidden_layers: 2 }), new LoraConfig({ r: 2 }), { seed: 5 });
  const generator = new Mt19937(5);
  const bound = 1 / Math.sqrt(8);
  const drawn = [...model.adapterParameters.values()].filter(({ name }) => name.includes("lora_A"));
  assert.equal(drawn.length, 4);
  for (const { value } of drawn) {
    generator.uniform(2 * 8 + 8 * 2, 0, 1);
    assert.deepEqual(value.dataSync(), generator.uniform(2 * 8, -bound, bound));
  }
});
