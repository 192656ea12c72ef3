import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { tokenizedRows } from "../../lib/data/rows";
import { pairAccuracy } from "../../lib/ethics/figures";
import { predictLogits } from "../../lib/evaluate/predict";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { PairRanker } from "../../lib/model/pair-ranker";
import { tf } from "../../lib/tensor/tensorflow";
import { computeGradients } from "../../lib/train/train-step";
import { Trainer } from "../../lib/train/trainer";
import { temporaryFolder } from "../support/folders";
import { assertClose, caseFile, fixture, read, readFixture } from "../support/golden";
import { assertGradientsOf } from "../support/gradients";
import { assertNothingKept } from "../support/memory";
import { TINY_ROWS, tinyModel } from "../support/tiny";
import { ADAMW_RUN, LOGITS, LOSS } from "../support/tolerances";

/** What torch made of three pairs. */
interface Answers {
  pairs: [number[], number[]][];
  scores: [number, number][];
  loss: number;
  share: number;
  learning_rate: number;
  step_losses: number[];
}

const answers = readFixture<Answers>("ranking", "answers.json");
const pairs = Dataset.fromRows(
  answers.pairs.map(([first, second]) => ({
    inputIds: [...first, ...second],
    textLengths: [first.length, second.length],
    label: 0,
  })),
);
const rows = tokenizedRows(pairs, 2);

async function trainedModel(): Promise<SequenceClassifier> {
  const model = await AutoModelForSequenceClassification.fromPretrained(fixture("problems", "one-output", "model"));
  for (const parameter of model.parameters.values()) parameter.requiresGrad = true;
  return model;
}

test("scores of pairs, −log σ(s₁ − s₂) and the gradients of all weights are torch's", async () => {
  const model = await trainedModel();
  const ranker = new PairRanker(model);
  await assertNothingKept(async () => {
    const predictions = await predictLogits(ranker, rows, { rows: 1 });
    assertClose(predictions, answers.scores, { absolute: LOGITS }, "scores");
    assertClose(pairAccuracy({ predictions }), answers.share, { absolute: 1e-6 });
    const { loss, gradients } = computeGradients(ranker, rows);
    assertClose(loss.dataSync(), [answers.loss], { absolute: LOSS }, "loss");
    assertGradientsOf(model, gradients, fixture("ranking", "grads.safetensors"));
    tf.dispose([loss, ...gradients.values()]);
  });
  model.dispose();
});

test("the Trainer's steps over pairs are torch's, and the share of pairs rises", async () => {
  const model = await trainedModel();
  const trainer = new Trainer({
    model: new PairRanker(model),
    args: {
      outputDir: temporaryFolder(),
      perDeviceTrainBatchSize: answers.pairs.length,
      numTrainEpochs: answers.step_losses.length,
      learningRate: answers.learning_rate,
      lrSchedulerType: "constant",
      maxGradNorm: 1e9,
      loggingSteps: 1,
      saveStrategy: "no",
    },
    trainDataset: pairs,
    evalDataset: pairs,
    computeMetrics: (prediction) => ({ pairAccuracy: pairAccuracy(prediction) }),
  });
  const before = await trainer.evaluate();
  assertClose(before.evalLoss as number, answers.loss, { absolute: LOSS });
  assertClose(before.evalPairAccuracy as number, answers.share, { absolute: 1e-6 });
  await trainer.train();
  const losses = trainer.state.logHistory.flatMap(({ loss }) => loss ?? []);
  assertClose(losses, answers.step_losses, { absolute: ADAMW_RUN.loss }, "step losses");
  assert.equal((await trainer.evaluate()).evalPairAccuracy, 1);
  model.dispose();
});

test("a head with another number of labels is replaced, and trained with an adapter it ranks pairs", async () => {
  const folder = caseFile("roberta-head", "model");
  const warn = mock.method(console, "warn", () => undefined);
  const model = await AutoModelForSequenceClassification.fromPretrained(folder, { numLabels: 1 });
  warn.mock.restore();
  assert.deepEqual(warn.mock.calls[0]?.arguments, [
    `${folder} has no weights for classifier.out_proj with numLabels 1: they are new, train them before use.`,
  ]);
  const peft = getPeftModel(model, new LoraConfig({ r: 2, taskType: "SEQ_CLS" }));
  const outputDir = temporaryFolder();
  const trainer = new Trainer({
    model: new PairRanker(peft),
    args: { outputDir, numTrainEpochs: 25, learningRate: 1e-2, saveStrategy: "epoch", saveTotalLimit: 1 },
    trainDataset: pairs,
    evalDataset: pairs,
    computeMetrics: (prediction) => ({ share: pairAccuracy(prediction) }),
  });
  await trainer.train();
  assert.equal((await trainer.evaluate()).evalShare, 1);
  const after = (await trainer.predict(pairs)).predictions;
  await new PairRanker(peft).load(`${outputDir}/checkpoint-25`);
  assertClose((await trainer.predict(pairs)).predictions, after, { absolute: 1e-6 });
  peft.unload().dispose();
});

test("models of several labels, odd texts, and rows that do not fit the model are refused", async () => {
  const two = tinyModel();
  assert.throws(() => new PairRanker(two), {
    name: "RangeError",
    message: "`model`: expected one output, got 2. Load it with { numLabels: 1 }.",
  });
  const one = tinyModel({ num_labels: 1 });
  const ranker = new PairRanker(one);
  assert.throws(() => ranker.forward({ inputIds: [[0, 2]] }), /^RangeError: `batch`: expected pairs of texts, got 1/);
  assert.equal(
    (
      await read(
        ranker.forward({
          inputIds: [
            [0, 2],
            [0, 5, 2],
          ],
        }),
      )
    ).length,
    1,
  );
  const short = answers.pairs.slice(0, 1).map(() => ({ inputIds: [0, 2, 0, 5, 2], textLengths: [2, 3], label: 0 }));
  await assertNothingKept(async () => {
    assert.throws(() => computeGradients(ranker, TINY_ROWS.slice(0, 2)), /one answer for each of 2, got 1\. Pairs go/);
    assert.throws(() => computeGradients(two, short), /one answer for each of 1, got 2\. Pairs go with a PairRanker/);
    await assert.rejects(predictLogits(two, short, { rows: 8 }), /expected one answer for each of 1, got 2/);
  });
  for (const model of [one, two]) model.dispose();
});
