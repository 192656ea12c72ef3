import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy } from "../../lib/evaluate/loss";
import { SafetensorsFile } from "../../lib/files/safetensors";
import type { PeftModel } from "../../lib/lora/peft-model";
import type { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/tensor/autodiff";
import type { FloatDtype } from "../../lib/tensor/raw-op";
import { type Tensor, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { clipGradNorm } from "../../lib/train/optim/clip";
import { Optimizer } from "../../lib/train/optim/optimizer";
import { learningRateAt } from "../../lib/train/optim/schedule";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { computeGradients, trainStep } from "../../lib/train/train-step";
import {
  assertClose,
  CASES,
  type CaseName,
  caseFile,
  disposePeft,
  forwardBatches,
  type GoldenBatch,
  loadPeft,
  logitsOf,
  readFixture,
  shareOf,
  toBatch,
  toRows,
} from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_ROWS, tinyModel } from "../support/tiny";
import { ADAMW_8BIT_RUN, ADAMW_RUN, BFLOAT16_RUN, GRADIENTS, LOSS } from "../support/tolerances";

interface GradientsFixture {
  runs: { batch_index_in_forward_json: number; loss: number; grad_norm: number }[];
}

interface TrainingFixture {
  batches: GoldenBatch[];
  max_grad_norm: number;
  weight_decay: number;
  runs: Record<
    string,
    {
      log: { batch: number; loss: number; grad_norm: number; lr: number }[];
      logits_after: number[][][];
      logits_after_merged: number[][][];
    }
  >;
}

for (const name of CASES) {
  test(`${name}: loss, gradients and their norm are torch's, also with padding in front`, async () => {
    const { runs } = readFixture<GradientsFixture>("cases", name, "grads.json");
    const expected = SafetensorsFile.open(caseFile(name, "grads.safetensors"));
    const model = await loadPeft(name, "adapter_random");
    for (const [index, run] of runs.entries()) {
      const batch = forwardBatches(name)[run.batch_index_in_forward_json] as GoldenBatch;
      const frontPadded = batch.attention_mask.some((mask) => mask[0] === 0);
      // Training rows come without padding; padding in front counts as a token and has to go through the model itself.
      const { loss, gradients } = frontPadded ? paddedGradients(model, batch) : computeGradients(model, toRows(batch));
      assertClose(loss.dataSync(), [run.loss], { absolute: LOSS }, "loss");
      const { absolute, relative } = GRADIENTS;
      assert.equal(gradients.size, model.trainableParameters().length);
      for (const [parameter, gradient] of gradients) {
        const wanted = expected.readFloat32(`${index}.${parameter.name}`);
        assertClose(gradient.dataSync(), wanted, { absolute, relative }, `run ${index}, ${parameter.name}`);
      }
      const { clipped, norm } = clipGradNorm([...gradients.values()], 1);
      assertClose(norm.dataSync(), [run.grad_norm], { relative: GRADIENTS.norm }, "norm");
      tf.dispose([loss, norm, ...clipped]);
    }
    disposePeft(model);
  });

  test(`${name}: twenty steps of AdamW follow torch's, and end with its weights and logits`, async () => {
    const { model, weights, run } = await train(name, "adamw", ADAMW_RUN);
    for (const [key, { actual, expected }] of weights)
      assertClose(actual, expected, { absolute: ADAMW_RUN.weights }, key);
    assertClose(await logitsOf(model, forwardBatches(name)), run.logits_after, { absolute: ADAMW_RUN.logits });
    const merged = model.mergeAndUnload();
    assertClose(await logitsOf(merged, forwardBatches(name)), run.logits_after_merged, { absolute: ADAMW_RUN.logits });
    merged.dispose();
  });
}

for (const name of CASES) {
  test(`${name}: twenty steps over a frozen model in bfloat16 stay near torch's in float32`, async () => {
    const { model, run } = await train(name, "adamw", BFLOAT16_RUN, "bfloat16");
    assertClose(await logitsOf(model, forwardBatches(name)), run.logits_after, { absolute: BFLOAT16_RUN.logits });
    const merged = model.mergeAndUnload();
    const expected = run.logits_after_merged;
    assertClose(await logitsOf(merged, forwardBatches(name)), expected, { absolute: BFLOAT16_RUN.logits });
    merged.dispose();
  });
}

for (const block of [256, 2048] as const) {
  test(`roberta-8bit: twenty steps with 8-bit state in blocks of ${block} follow the reference's`, async () => {
    const { model, weights, run } = await train("roberta-8bit", `ref8_b${block}`, ADAMW_8BIT_RUN);
    const all = [...weights.values()];
    const [actual, expected] = [all.flatMap((x) => [...x.actual]), all.flatMap((x) => [...x.expected])];
    const share = shareOf(actual, expected, (a, b) => Math.abs(a - b) <= ADAMW_8BIT_RUN.weights);
    assert.ok(share >= ADAMW_8BIT_RUN.share, `weights within ${ADAMW_8BIT_RUN.weights}: ${share}`);
    assertClose(await logitsOf(model, forwardBatches("roberta-8bit")), run.logits_after, {
      absolute: ADAMW_8BIT_RUN.logits,
    });
    disposePeft(model);
  });
}

test("loss falls to nothing on five examples", () => {
  const model = tinyModel({ vocab_size: 20 });
  const parameters = model.trainableParameters();
  const optimizer = new Optimizer(parameters, resolveArguments({ outputDir: "unused" }));
  const losses = Array.from({ length: 60 }, (_, step) => {
    const { loss, norm } = trainStep({
      model,
      optimizer,
      rows: TINY_ROWS,
      learningRate: 0.02,
      maxGradNorm: 1,
      seed: 1,
      step,
    });
    return tf.tidy(() => {
      norm.dispose();
      return loss.dataSync()[0] as number;
    });
  });
  assert.ok((losses[0] as number) > 0.4, `first loss ${losses[0]}`);
  assert.ok((losses.at(-1) as number) < 0.01, `last loss ${losses.at(-1)}`);
});

test("a step of several passes has the sum of their losses and gradients, and keeps no tensor of them", async () => {
  const stepOf = (rows: typeof TINY_ROWS, batchSize: number): { loss: number; norm: number; weight: number } => {
    const model = tinyModel();
    const optimizer = new Optimizer(model.trainableParameters(), resolveArguments({ outputDir: "x", optim: "sgd" }));
    const fixed = { learningRate: 1, maxGradNorm: 1e6, seed: 1, step: 0, accumulation: 3 };
    const { loss, norm } = trainStep({ model, optimizer, rows, batchSize, ...fixed });
    const weight = model.parameters.get("classifier.out_proj.bias")?.value.dataSync()[0] as number;
    const read = { loss: loss.dataSync()[0] as number, norm: norm.dataSync()[0] as number, weight };
    tf.dispose([loss, norm]);
    optimizer.dispose();
    model.dispose();
    return read;
  };
  await assertNothingKept(() => {
    const passes = [TINY_ROWS.slice(0, 2), TINY_ROWS.slice(2, 4), TINY_ROWS.slice(4)].map((rows) => stepOf(rows, 2));
    const whole = stepOf(TINY_ROWS, 2);
    const sum = (key: "loss" | "weight"): number => passes.reduce((total, pass) => total + pass[key], 0);
    assertClose(whole.loss, sum("loss"), { absolute: 1e-6 });
    assertClose(whole.weight, sum("weight"), { absolute: 1e-6 });
  });
});

test("a step with dropout keeps no tensor beside loss and norm, and the seed and step number decide its masks", async () => {
  const dropout = { hidden_dropout_prob: 0.3, attention_probs_dropout_prob: 0.3 };
  const lossOf = (seed: number, step: number): number => {
    const model = tinyModel(dropout);
    const optimizer = new Optimizer(model.trainableParameters(), resolveArguments({ outputDir: "unused" }));
    const { loss, norm } = trainStep({
      model,
      optimizer,
      rows: TINY_ROWS,
      learningRate: 0.1,
      maxGradNorm: 1,
      seed,
      step,
    });
    const value = loss.dataSync()[0] as number;
    tf.dispose([loss, norm]);
    optimizer.dispose();
    model.dispose();
    return value;
  };
  await assertNothingKept(() => {
    assert.equal(lossOf(1, 0), lossOf(1, 0));
    assert.notEqual(lossOf(1, 0), lossOf(2, 0));
    assert.notEqual(lossOf(1, 0), lossOf(1, 1));
  });
});

/** Twenty steps of a case's run; loss and norm of each are compared on the way. */
async function train(
  name: CaseName,
  runName: string,
  tolerance: { loss: number; norm: number },
  dtype: FloatDtype = "float32",
): Promise<{
  model: PeftModel;
  weights: Map<string, { actual: Float32Array; expected: Float32Array }>;
  run: TrainingFixture["runs"][string];
}> {
  const fixture = readFixture<TrainingFixture>("cases", name, "training.json");
  const run = fixture.runs[runName] as TrainingFixture["runs"][string];
  const model = await loadPeft(name, "adapter_init", dtype);
  const args = resolveArguments({
    outputDir: "unused",
    optim: runName === "adamw" ? "adamw" : "adamw_8bit",
    optimBlockSize: runName.endsWith("2048") ? 2048 : 256,
    weightDecay: fixture.weight_decay,
    maxGradNorm: fixture.max_grad_norm,
    learningRate: run.log[0]?.lr as number,
  });
  const optimizer = new Optimizer(model.trainableParameters(), args);
  const { maxGradNorm, seed } = args;
  for (const [step, expected] of run.log.entries()) {
    const rows = toRows(fixture.batches[expected.batch] as GoldenBatch);
    const learningRate = learningRateAt(args, step, run.log.length);
    assertClose(learningRate, expected.lr, { absolute: 1e-12 }, "learning rate");
    const decayBiases = biasDecay(model, learningRate * fixture.weight_decay);
    const { loss, norm } = trainStep({ model, optimizer, rows, learningRate, maxGradNorm, seed, step });
    decayBiases();
    assertClose(loss.dataSync(), [expected.loss], { absolute: tolerance.loss }, `loss of step ${step + 1}`);
    assertClose(norm.dataSync(), [expected.grad_norm], { relative: tolerance.norm }, `norm of step ${step + 1}`);
    tf.dispose([loss, norm]);
  }
  optimizer.dispose();
  const final = SafetensorsFile.open(caseFile(name, `adapter_final_${runName}`, "adapter_model.safetensors"));
  const weights = new Map(
    model
      .trainableParameters()
      .map(({ name: key, value }) => [
        key,
        { actual: value.dataSync() as Float32Array, expected: final.readFloat32(key) },
      ]),
  );
  return { model, weights, run };
}

/**
 * The reference's runs are torch's AdamW over one group, so that biases decay too; the Trainer's groups, which the
 * optimizer has, leave them out. torch takes the share off a weight's value from before the step.
 *
 * @returns what is to be done after the step
 */
function biasDecay(model: PeftModel, share: number): () => void {
  const biases = model.trainableParameters().filter(({ name }) => share > 0 && name.endsWith(".bias"));
  const decays = biases.map(({ value }) => ({ value, decay: tf.mul(value, share) }));
  return () => {
    for (const { value, decay } of decays) {
      tf.tidy(() => value.assign(tf.sub(value, decay)));
      decay.dispose();
    }
  };
}

/** Loss and gradients of a batch as it is, padding included. */
function paddedGradients(model: PeftModel, batch: GoldenBatch): { loss: Tensor; gradients: Map<Parameter, Tensor> } {
  const { value, gradients } = gradientsOf<Parameter>(() =>
    tf.tidy(() => crossEntropy(model.forward(toBatch(batch)) as unknown as Tensor2D, batch.labels)),
  );
  return { loss: value, gradients };
}
