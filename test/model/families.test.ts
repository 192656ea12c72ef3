/** Further families beside transformers' and PEFT's answers for them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { tf } from "../../lib/tensor/tensorflow";
import { Optimizer } from "../../lib/train/optim/optimizer";
import { learningRateAt } from "../../lib/train/optim/schedule";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { computeGradients, trainStep } from "../../lib/train/train-step";
import { temporaryFolder } from "../support/folders";
import {
  assertClose,
  type ForwardFixture,
  fixture,
  logitsOf,
  read,
  readFixture,
  toBatch,
  toRows,
} from "../support/golden";
import { assertGradientsOf } from "../support/gradients";
import { assertNothingKept } from "../support/memory";
import { ADAMW_RUN, LOGITS, LOSS } from "../support/tolerances";

interface Answers {
  batches: ForwardFixture["batches"];
  adapter: {
    logits: number[][][];
    disabled: number[][][];
    merged: number[][][];
    log: { loss: number; grad_norm: number; lr: number }[];
    logits_after: number[][][];
  };
  settings: { trained: number[]; rate: number; max_grad_norm: number; targets: string | string[] | null };
}

const load = (name: string): Promise<SequenceClassifier> =>
  AutoModelForSequenceClassification.fromPretrained(fixture("families", name, "model"));
const adapted = async (name: string, folder = fixture("families", name, "adapter")): Promise<PeftModel> =>
  PeftModel.fromPretrained(await load(name), folder, { isTrainable: true });
const answersOf = (name: string): Answers => readFixture<Answers>("families", name, "answers.json");

for (const name of readdirSync(fixture("families"))) {
  test(`${name}: logits and hidden states are transformers', however rows are padded`, async () => {
    const model = await load(name);
    for (const batch of answersOf(name).batches) {
      const starts: number[] = [];
      batch.attention_mask.reduce((start, mask) => {
        starts.push(start);
        return start + mask.filter((kept, i) => i === 0 || kept === 1).length;
      }, 0);
      const hidden: number[][][] = [];
      const logits = await read(
        model.forwardWithHidden(toBatch(batch), (states) => {
          const rows = states.arraySync();
          hidden.push(starts.map((start) => rows[start] as number[]));
        }),
      );
      assertClose(logits, batch.logits, { absolute: LOGITS }, `logits, ${batch.what}`);
      const expected = batch.first_token_of_each_hidden_state as number[][][];
      assertClose(hidden, expected, { absolute: LOGITS }, `hidden states, ${batch.what}`);
    }
    model.dispose();
  });

  test(`${name}: loss and gradients of all weights are torch's, also with layers computed again`, async () => {
    const model = await load(name);
    const [batch] = answersOf(name).batches as [Answers["batches"][number]];
    for (const parameter of model.parameters.values()) parameter.requiresGrad = true;
    for (const gradientCheckpointing of [false, true]) {
      await assertNothingKept(() => {
        const { loss, gradients } = computeGradients(model, toRows(batch), { gradientCheckpointing });
        assertClose(loss.dataSync(), [batch.loss], { absolute: LOSS }, "loss");
        assertGradientsOf(model, gradients, fixture("families", name, "grads.safetensors"));
        tf.dispose([loss, ...gradients.values()]);
      });
    }
    model.dispose();
  });

  test(`${name}: PEFT's adapter gives PEFT's logits, on, off and merged, and is written back as it was`, async () => {
    const { batches, adapter } = answersOf(name);
    const model = await adapted(name);
    assertClose(await logitsOf(model, batches), adapter.logits, { absolute: LOGITS }, "on");
    const folder = temporaryFolder();
    model.savePretrained(folder);
    const [ours, theirs] = [folder, fixture("families", name, "adapter")].map((path) =>
      SafetensorsFile.open(join(path, "adapter_model.safetensors")),
    ) as [SafetensorsFile, SafetensorsFile];
    assert.deepEqual([...ours.tensors.keys()].sort(), [...theirs.tensors.keys()].sort());
    for (const key of theirs.tensors.keys()) assert.deepEqual(ours.read(key), theirs.read(key), key);
    const merged = model.mergeAndUnload();
    assertClose(await logitsOf(merged, batches), adapter.merged, { absolute: LOGITS }, "merged");
    merged.dispose();
    const off = (await adapted(name)).unload();
    assertClose(await logitsOf(off, batches), adapter.disabled, { absolute: LOGITS }, "off");
    off.dispose();
  });

  test(`${name}: twenty steps of AdamW follow torch's`, async () => {
    const { batches, adapter, settings } = answersOf(name);
    const model = await adapted(name);
    const { rate: learningRate, max_grad_norm: maxGradNorm } = settings;
    const args = resolveArguments({ outputDir: "unused", optim: "adamw", weightDecay: 0, maxGradNorm, learningRate });
    const optimizer = new Optimizer(model.trainableParameters(), args);
    for (const [step, expected] of adapter.log.entries()) {
      const batch = batches[settings.trained[step % settings.trained.length] as number] as Answers["batches"][number];
      const rate = learningRateAt(args, step, adapter.log.length);
      assertClose(rate, expected.lr, { absolute: 1e-12 }, "rate");
      const { loss, norm } = trainStep({
        ...{ model, optimizer, rows: toRows(batch), learningRate: rate, maxGradNorm, seed: 1, step },
      });
      assertClose(loss.dataSync(), [expected.loss], { absolute: ADAMW_RUN.loss }, `loss of step ${step + 1}`);
      assertClose(norm.dataSync(), [expected.grad_norm], { relative: ADAMW_RUN.norm }, `norm of step ${step + 1}`);
      tf.dispose([loss, norm]);
    }
    optimizer.dispose();
    const final = SafetensorsFile.open(fixture("families", name, "adapter_final", "adapter_model.safetensors"));
    for (const [key, parameter] of model.adapterParameters) {
      assertClose(parameter.values(), final.readFloat32(key), { absolute: ADAMW_RUN.weights }, key);
    }
    assertClose(await logitsOf(model, batches), adapter.logits_after, { absolute: ADAMW_RUN.logits });
    model.unload().dispose();
  });
}
