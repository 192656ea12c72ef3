/** Adapters made by two releases of PEFT, test/fixtures/make/make_lora_fixtures.py. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { LoraConfig, type LoraOptions } from "../../lib/lora/config";
import { getPeftModel, PeftModel } from "../../lib/lora/peft-model";
import type { Classifier } from "../../lib/model/classifier";
import type { Parameter } from "../../lib/model/parameters";
import { tf } from "../../lib/tensor/tensorflow";
import { computeGradients } from "../../lib/train/train-step";
import { temporaryFolder } from "../support/folders";
import {
  assertClose,
  type CaseName,
  disposePeft,
  fixture,
  forwardBatches,
  type GoldenBatch,
  loadModel,
  logitsOf,
  readFixture,
  toRows,
} from "../support/golden";
import { GRADIENTS, LOGITS, LOSS } from "../support/tolerances";

interface Answers {
  case: CaseName;
  trainable: number;
  all: number;
  logits: number[][][];
  disabled: number[][][];
  merged: number[][][];
  gradients?: { loss: number; tensors: Record<string, { norm: number; first: number[] }> };
}

const ADAPTERS = readdirSync(fixture("lora")).filter((name) => !name.endsWith(".json"));

for (const name of ADAPTERS) {
  test(`${name}: an adapter of PEFT gives its logits here, on, off, merged and saved again`, async (t) => {
    const warnings = t.mock.method(console, "warn", () => undefined);
    const answers = readFixture<Answers>("lora", name, "answers.json");
    const batches = forwardBatches(answers.case).slice(0, answers.logits.length);
    const check = async (model: Classifier, expected: number[][][], what: string): Promise<void> =>
      assertClose(await logitsOf(model, batches), expected, { absolute: LOGITS }, what);
    const model = await PeftModel.fromPretrained(await loadModel(answers.case), fixture("lora", name), {
      isTrainable: true,
    });
    assert.equal(warnings.mock.callCount(), name === "peft010-bias-lora-only" ? 1 : 0);
    assert.deepEqual(model.parameterCounts(), { trainable: answers.trainable, all: answers.all });
    await check(model, answers.logits, "adapter on");
    await model.disableAdapter(() => check(model, answers.disabled, "adapter off"));
    model.merge();
    await check(model, answers.logits, "merged for a while");
    await model.disableAdapter(() => check(model, answers.disabled, "off while merged"));
    model.unmerge();
    await check(model, answers.logits, "taken apart again");

    const folder = temporaryFolder();
    model.savePretrained(folder);
    const again = await PeftModel.fromPretrained(await loadModel(answers.case), folder);
    await check(again, answers.logits, "saved and loaded");
    disposePeft(again);

    const merged = model.mergeAndUnload();
    await check(merged, answers.merged, "merged");
    merged.dispose();
  });
}

for (const name of ADAPTERS) {
  const { gradients: expected, case: base } = readFixture<Answers>("lora", name, "answers.json");
  if (expected === undefined) continue;
  test(`${name}: copied modules and biases in place get torch's gradients`, async () => {
    const model = await PeftModel.fromPretrained(await loadModel(base), fixture("lora", name), { isTrainable: true });
    const { loss, gradients } = computeGradients(model, toRows(forwardBatches(base)[0] as GoldenBatch));
    assertClose(loss.dataSync(), [expected.loss], { absolute: LOSS }, "loss");
    assert.deepEqual([...model.adapterParameters.keys()].sort(), Object.keys(expected.tensors).sort());
    assert.equal(gradients.size, model.adapterParameters.size);
    for (const [key, { norm, first }] of Object.entries(expected.tensors)) {
      const values = gradients.get(model.adapterParameters.get(key) as Parameter)?.dataSync() ?? [];
      assertClose(values.slice(0, first.length), first, GRADIENTS, key);
      const ours = Math.hypot(...values);
      assertClose(ours, norm, { absolute: GRADIENTS.absolute, relative: GRADIENTS.norm }, `norm of ${key}`);
    }
    tf.dispose([loss, ...gradients.values()]);
    disposePeft(model);
  });
}

interface Init {
  case: CaseName;
  settings: Record<string, unknown>;
  seed: number;
  first: Record<string, { shape: number[]; values: number[] }>;
}

const NAMES: Record<string, keyof LoraOptions> = {
  r: "r",
  target_modules: "targetModules",
  rank_pattern: "rankPattern",
  init_lora_weights: "initLoraWeights",
  lora_bias: "loraBias",
};

for (const [name, init] of Object.entries(readFixture<Record<string, Init>>("lora", "init.json"))) {
  test(`${name}: the matrices of a new adapter are those that PEFT draws for the same seed`, async () => {
    const options = Object.fromEntries(Object.entries(init.settings).map(([key, value]) => [NAMES[key], value]));
    const model = getPeftModel(await loadModel(init.case), new LoraConfig(options), { seed: init.seed });
    const shapes = [...model.adapterParameters].map(([key, { shape }]) => [key, shape] as const);
    const drawn = shapes.filter(([key]) => key in init.first);
    const bOnly = shapes.filter(([key]) => key.includes("lora_B"));
    assert.equal(
      drawn.length,
      [false, "orthogonal"].includes(init.settings.init_lora_weights as boolean)
        ? shapes.length
        : shapes.length - bOnly.length,
    );
    for (const [key, { shape, values }] of Object.entries(init.first)) {
      const parameter = model.adapterParameters.get(key);
      assert.deepEqual(parameter?.shape, shape, key);
      // Uniform draws are equal but for a unit in the last place; torch's normal draws use approximate functions.
      const absolute = /^(gaussian|orthogonal)/.test(name) ? 1e-6 : 2 ** -24;
      assertClose(parameter?.value.dataSync().slice(0, values.length) ?? [], values, { absolute }, key);
    }
    disposePeft(model);
  });
}
