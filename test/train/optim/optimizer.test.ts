import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile, writeSafetensors } from "../../../lib/files/safetensors";
import { Parameter } from "../../../lib/model/parameters";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import type { TrainingArguments } from "../../../lib/train/arguments";
import { Optimizer } from "../../../lib/train/optim/optimizer";
import { resolveArguments } from "../../../lib/train/resolve-arguments";
import { temporaryFolder } from "../../support/folders";
import { assertClose, loadPeft } from "../../support/golden";
import { assertNothingKept } from "../../support/memory";

function args(options: Partial<TrainingArguments> = {}): ReturnType<typeof resolveArguments> {
  return resolveArguments({ outputDir: "unused", ...options });
}

function ones(name: string, shape: number[]): Parameter {
  return new Parameter(name, tf.ones(shape), true);
}

/** Steps with gradients of ones for all. */
function step(optimizer: Optimizer, parameters: Parameter[], learningRate = 0.1): void {
  const gradients = new Map(parameters.map((parameter): [Parameter, Tensor] => [parameter, tf.ones(parameter.shape)]));
  optimizer.step(optimizer.flatten(gradients), learningRate);
}

test("tensors of 4,096 elements and more have 8-bit state, smaller ones 32-bit", async () => {
  const model = await loadPeft("roberta-8bit", "adapter_init");
  const optimizer = new Optimizer(model.trainableParameters(), args({ optim: "adamw_8bit" }));
  const { bytes8bit, ...counts } = optimizer.summary();
  // A and B of query and value, and the head's 64 × 64 matrix; its two biases and the 2 × 64 matrix are too small.
  assert.deepEqual(counts, { tensors8bit: 5, elements8bit: 5 * 4096, tensors32bit: 3 });
  assert.ok(bytes8bit / counts.elements8bit <= 2.1, `${bytes8bit / counts.elements8bit} bytes an element`);
  optimizer.dispose();
});

test("a tensor that would end inside a block has blocks of its own, at most 2.1 bytes an element", () => {
  const parameters = [ones("a", [4097]), ones("b", [64, 64]), ones("c", [4095])];
  const optimizer = new Optimizer(parameters, args({ optim: "adamw_bnb_8bit" }));
  const { tensors8bit, elements8bit, bytes8bit, tensors32bit } = optimizer.summary();
  assert.deepEqual([tensors8bit, elements8bit, tensors32bit], [2, 4097 + 4096, 1]);
  assert.equal(bytes8bit, 2 * (4097 + 4096) + 8 * (17 + 16));
  assert.ok(bytes8bit / elements8bit <= 2.1);
  const shapes = [...optimizer.state()].map(([name, { shape, values }]) => [name, shape[0], values.constructor.name]);
  assert.deepEqual(shapes, [
    ["0.state1", 4097, "Uint8Array"],
    ["0.absmax1", 17, "Float32Array"],
    ["0.state2", 4097, "Uint8Array"],
    ["0.absmax2", 17, "Float32Array"],
    ["1.state1", 4096, "Uint8Array"],
    ["1.absmax1", 16, "Float32Array"],
    ["1.state2", 4096, "Uint8Array"],
    ["1.absmax2", 16, "Float32Array"],
    ["2.m", 4095, "Float32Array"],
    ["2.v", 4095, "Float32Array"],
  ]);
});

test("an optimizer with 32-bit state has no 8-bit tensor", () => {
  const summary = new Optimizer([ones("a", [5000])], args()).summary();
  assert.deepEqual(summary, { tensors8bit: 0, elements8bit: 0, bytes8bit: 0, tensors32bit: 1 });
});

test("each tensor is updated as if it were alone, and biases and layer norms do not decay", () => {
  const names = ["layer.dense.weight", "layer.dense.bias", "LayerNorm.weight", "LayerNorm.bias"];
  const parameters = names.map((name, i) => ones(name, [2, i + 1]));
  const optimizer = new Optimizer(parameters, args({ weightDecay: 0.5 }));
  step(optimizer, parameters);
  const expected = [1 * 0.95 - 0.1, 0.9, 0.9, 0.9];
  parameters.forEach(({ value, shape }, i) => {
    assert.deepEqual(value.shape, shape);
    assertClose(value.dataSync(), Array<number>(value.size).fill(expected[i] as number), { absolute: 1e-6 }, names[i]);
  });
});

test("with LoRA+ B and vectors have a higher rate than A and other matrices", () => {
  const names = ["query.lora_A.weight", "query.lora_B.weight", "classifier.dense.weight", "classifier.dense.bias"];
  const parameters = names.map((name) => ones(name, name.endsWith("bias") ? [3] : [3, 3]));
  step(new Optimizer(parameters, args({ loraplusLrRatio: 4 })), parameters);
  parameters.forEach(({ value }, i) => {
    const moved = [0.1, 0.4, 0.1, 0.4][i] as number;
    assertClose(value.dataSync(), Array<number>(value.size).fill(1 - moved), { absolute: 1e-6 }, names[i]);
  });
});

test("layer norms of every family are told from what decays by their names", () => {
  const names = [
    "a.LayerNorm.weight",
    "b.sa_layer_norm.weight",
    "c.output_layer_norm.bias",
    "d.norm.weight",
    "e.lin.weight",
  ];
  const parameters = names.map((name) => ones(name, [2]));
  step(new Optimizer(parameters, args({ weightDecay: 0.5, optim: "sgd" })), parameters);
  assertClose(
    parameters.map(({ value }) => value.dataSync()[0] as number),
    [0.9, 0.9, 0.9, 0.9, 0.85],
    { absolute: 1e-6 },
  );
});

test("SGD keeps nothing between steps, and its empty state can be saved and taken back", () => {
  const file = join(temporaryFolder(), "optimizer.safetensors");
  const optimizer = new Optimizer([ones("a", [2])], args({ optim: "sgd" }));
  writeSafetensors(file, optimizer.state());
  optimizer.load(SafetensorsFile.open(file), 3);
  assert.deepEqual(optimizer.summary(), { tensors8bit: 0, elements8bit: 0, bytes8bit: 0, tensors32bit: 1 });
});

test("a tensor without gradient stands still at the first step", () => {
  const [moved, still] = [ones("a", [2]), ones("b", [3])];
  const optimizer = new Optimizer([moved, still], args());
  step(optimizer, [moved]);
  assertClose(moved.value.dataSync(), [0.9, 0.9], { absolute: 1e-6 });
  assert.deepEqual([...still.value.dataSync()], [1, 1, 1]);
});

test("steps keep no tensor, and nothing is left of an optimizer that is freed", async () => {
  for (const optim of ["adamw", "adamw_8bit"] as const) {
    const parameters = [ones("a", [4100]), ones("b", [10])];
    await assertNothingKept(async () => {
      const optimizer = new Optimizer(parameters, args({ optim }));
      await assertNothingKept(() => step(optimizer, parameters));
      optimizer.dispose();
    });
  }
});

for (const optim of ["adamw", "adamw_8bit"] as const) {
  test(`${optim}: an optimizer that takes saved moments goes on as the one that saved them`, () => {
    const file = join(temporaryFolder(), "optimizer.safetensors");
    const build = (): Parameter[] => [ones("a", [4100]), ones("b.bias", [10])];
    const [first, second] = [build(), build()];
    const going = new Optimizer(first, args({ optim }));
    step(going, first);
    writeSafetensors(file, going.state());
    const resumed = new Optimizer(second, args({ optim }));
    resumed.load(SafetensorsFile.open(file), 1);
    for (const [i, { value }] of second.entries()) value.assign(first[i]?.value as Tensor);
    step(going, first, 0.05);
    step(resumed, second, 0.05);
    assert.deepEqual(
      second.map(({ value }) => value.dataSync()),
      first.map(({ value }) => value.dataSync()),
    );
    assert.deepEqual([...resumed.state()], [...going.state()]);
  });
}

test("moments of another optimizer or of other parameters are refused", async () => {
  const file = join(temporaryFolder(), "optimizer.safetensors");
  writeSafetensors(file, new Optimizer([ones("a", [4096])], args()).state());
  const load = (size: number, optim: "adamw" | "adamw_8bit"): void => {
    const optimizer = new Optimizer([ones("a", [size])], args({ optim }));
    optimizer.load(SafetensorsFile.open(file), 1);
  };
  load(4096, "adamw");
  assert.throws(() => load(4096, "adamw_8bit"), /`0\.state1`: expected \[4096\], got undefined\. Resume with the same/);
  assert.throws(() => load(4097, "adamw"), { name: "FileFormatError", message: /`0\.m`: expected \[4097\], got 4096/ });
});
