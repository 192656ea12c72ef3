import assert from "node:assert/strict";
import { test } from "node:test";
import { SafetensorsFile } from "../../../lib/files/safetensors";
import { tf } from "../../../lib/tensor/tensorflow";
import { type AdamOptions, AdamWRule } from "../../../lib/train/optim/adamw";
import { assertClose, fixture } from "../../support/golden";
import { assertNothingKept } from "../../support/memory";
import { runRule } from "../../support/optimizer";

const options: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

for (const weightDecay of [0, 0.1]) {
  test(`four steps with weight decay ${weightDecay} end where torch's AdamW ends`, () => {
    const file = SafetensorsFile.open(fixture("optimizer", "plain", "tensors.safetensors"));
    const start = file.readFloat32("param0");
    const rule = new AdamWRule(start.length, { ...options, weightDecay }, "torch");
    const gradients = [1, 2, 3, 4].map((step) => file.readFloat32(`grad${step}`));
    const expected = file.readFloat32(`torch_wd${weightDecay.toFixed(1)}.param4`);
    assertClose(runRule(rule, start, gradients).at(-1) ?? [], expected, { absolute: 1e-6 });
  });
}

test("the first step is the learning rate long, whatever the gradient's size", () => {
  for (const form of ["torch", "bitsandbytes"] as const) {
    const [after] = runRule(new AdamWRule(3, options, form), [1, 1, 1], [[1e-4, -5, 300]], 0.01);
    assertClose(after ?? [], [0.99, 1.01, 0.99], { absolute: 2e-6 }, form);
  }
});

test("torch decays before the update, bitsandbytes after it", () => {
  const decay = { ...options, weightDecay: 0.5 };
  // p = 1, rate 0.1, first step 0.1: 1 · 0.95 − 0.1 and (1 − 0.1) · 0.95.
  assertClose(runRule(new AdamWRule(1, decay, "torch"), [1], [[1]], 0.1)[0] ?? [], [0.85], { absolute: 1e-6 });
  assertClose(runRule(new AdamWRule(1, decay, "bitsandbytes"), [1], [[1]], 0.1)[0] ?? [], [0.855], { absolute: 1e-6 });
});

test("a step keeps no tensor, and a rule that is freed none at all", async () => {
  await assertNothingKept(async () => {
    const rule = new AdamWRule(8, options, "torch");
    const [p, g] = [tf.ones([8]), tf.ones([8])];
    await assertNothingKept(() => rule.update(p, g, { count: 1, learningRate: 0.1 }).dispose());
    tf.dispose([p, g]);
    rule.dispose();
  });
});

test("the moments are the running means of gradients and their squares", () => {
  const rule = new AdamWRule(1, options, "torch");
  runRule(rule, [0], [[2], [-4]]);
  const [m, v] = [rule.state.m.dataSync()[0] as number, rule.state.v.dataSync()[0] as number];
  // m: 0.9 · 0.2 − 0.4; v: 0.999 · 0.004 + 0.016.
  assertClose([m, v], [-0.22, 0.019996], { relative: 1e-6 });
  assert.deepEqual(Object.keys(rule.state), ["m", "v"]);
});
