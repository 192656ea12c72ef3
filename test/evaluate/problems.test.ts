import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import type { Label } from "../../lib/data/labels";
import { tokenizedRows } from "../../lib/data/rows";
import { evaluateRows } from "../../lib/evaluate/evaluation";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import { problemTypeOf } from "../../lib/model/config";
import { tf } from "../../lib/tensor/tensorflow";
import { computeGradients } from "../../lib/train/train-step";
import { Trainer } from "../../lib/train/trainer";
import { temporaryFolder } from "../support/folders";
import { assertClose, fixture, read, readFixture } from "../support/golden";
import { assertGradientsOf } from "../support/gradients";
import { assertNothingKept } from "../support/memory";
import { LOGITS, LOSS } from "../support/tolerances";

interface Answers {
  input_ids: number[][];
  token_type_ids?: number[][];
  labels: Label[];
  logits: number[][];
  loss: number;
  first_token_of_each_hidden_state: number[][][];
}

const problems = {
  distilbert: "single_label_classification",
  "one-output": "regression",
  regression: "regression",
  "multi-label": "multi_label_classification",
} as const;

for (const [name, kind] of Object.entries(problems)) {
  const answers = readFixture<Answers>("problems", name, "answers.json");
  const batch = {
    inputIds: answers.input_ids,
    ...(answers.token_type_ids ? { tokenTypeIds: answers.token_type_ids } : {}),
  };
  const load = (): Promise<SequenceClassifier> =>
    AutoModelForSequenceClassification.fromPretrained(fixture("problems", name, "model"));
  const rowsOf = (model: SequenceClassifier): ReturnType<typeof tokenizedRows> => {
    const columns = answers.labels.map((label, i) => ({
      inputIds: answers.input_ids[i],
      label,
      ...(answers.token_type_ids ? { tokenTypeIds: answers.token_type_ids[i] } : {}),
    }));
    return tokenizedRows(Dataset.fromRows(columns), model.config.id2label.length, problemTypeOf(model.config));
  };

  test(`${name}: logits and hidden states are the reference's`, async () => {
    const model = await load();
    assert.equal(problemTypeOf(model.config), kind);
    const starts = answers.input_ids.map((_, i) =>
      answers.input_ids.slice(0, i).reduce((sum, ids) => sum + ids.length, 0),
    );
    const hidden: number[][][] = [];
    const logits = await read(
      model.forwardWithHidden(batch, (states) => {
        const rows = states.arraySync();
        hidden.push(starts.map((start) => rows[start] as number[]));
      }),
    );
    assertClose(logits, answers.logits, { absolute: LOGITS }, "logits");
    assertClose(hidden, answers.first_token_of_each_hidden_state, { absolute: LOGITS }, "hidden states");
    model.dispose();
  });

  test(`${name}: the ${kind} loss and the gradients of all weights are the reference's`, async () => {
    const model = await load();
    for (const parameter of model.parameters.values()) parameter.requiresGrad = true;
    const rows = rowsOf(model);
    await assertNothingKept(() => {
      const { loss, gradients } = computeGradients(model, rows);
      assertClose(loss.dataSync(), [answers.loss], { absolute: LOSS }, "loss");
      assertGradientsOf(model, gradients, fixture("problems", name, "grads.safetensors"));
      tf.dispose([loss, ...gradients.values()]);
    });
    model.dispose();
  });

  test(`${name}: an evaluation has the batch's loss and hands the labels on`, async () => {
    const model = await load();
    const { loss, labels, predictions } = await evaluateRows(model, rowsOf(model), {
      batchSize: 1,
      computeMetrics: undefined,
      onProgress: async () => undefined,
    });
    assertClose(loss, answers.loss, { absolute: LOSS });
    assertClose(predictions, answers.logits, { absolute: LOGITS });
    assert.deepEqual(labels, answers.labels);
    model.dispose();
  });
}

test("training lowers the loss of a regression and of several labels a text", async () => {
  for (const name of ["one-output", "multi-label"] as const) {
    const { input_ids: inputIds, labels } = readFixture<Answers>("problems", name, "answers.json");
    const model = await AutoModelForSequenceClassification.fromPretrained(fixture("problems", name, "model"));
    for (const parameter of model.parameters.values()) parameter.requiresGrad = true;
    const split = Dataset.fromRows(labels.map((label, i) => ({ inputIds: inputIds[i], label })));
    const trainer = new Trainer({
      model,
      args: { outputDir: temporaryFolder(), numTrainEpochs: 15, learningRate: 1e-2, saveStrategy: "no" },
      trainDataset: split,
      evalDataset: split,
    });
    const before = (await trainer.evaluate()).evalLoss as number;
    await trainer.train();
    const after = (await trainer.evaluate()).evalLoss as number;
    assert.ok(after < before / 2, `${name}: ${before} to ${after}`);
    assert.deepEqual((await trainer.predict(split)).labelIds, labels);
    model.dispose();
  }
});
