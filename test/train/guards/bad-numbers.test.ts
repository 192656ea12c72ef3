import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { Dataset } from "../../../lib/data/dataset";
import { LoraConfig } from "../../../lib/lora/config";
import { getPeftModel, type PeftModel } from "../../../lib/lora/peft-model";
import { tf } from "../../../lib/tensor/tensorflow";
import type { LogEntry, TrainerCallback } from "../../../lib/train/callbacks";
import { warnOfGrowth } from "../../../lib/train/guards/bad-numbers";
import { temporaryFolder } from "../../support/folders";
import { assertNothingKept } from "../../support/memory";
import { TINY_ROWS, tinyModel } from "../../support/tiny";
import { checkpointBytes, tinyTrainer, withoutTimes } from "../../support/training";

const ROWS = TINY_ROWS.map((row, i) => ({ ...row, input: `text ${i}` }));

/** Makes the forward passes of some steps, counted from 0, fail: what the word embeddings are multiplied with is NaN. */
function badAt(model: PeftModel, steps: readonly number[], from = 0): TrainerCallback {
  const embedding = model.baseModel.parameters.get("roberta.embeddings.word_embeddings.weight");
  const good = embedding?.values() ?? [];
  const set = (step: number): void => {
    const values = Float32Array.from(good);
    if (steps.includes(step)) values.fill(Number.NaN);
    tf.tidy(() => embedding?.assign(tf.tensor(values, embedding.shape)));
  };
  return { onTrainBegin: () => set(from), onStepEnd: ({ state }) => set(state.globalStep) };
}

function setUp(
  steps: readonly number[],
  { outputDir = temporaryFolder(), from = 0, saveSteps = 2, callbacks = [] as TrainerCallback[] } = {},
) {
  const model = getPeftModel(tinyModel(), new LoraConfig({ r: 2 }));
  const trainer = tinyTrainer(
    { outputDir, saveStrategy: "steps", saveSteps, numTrainEpochs: 4 },
    { model, trainDataset: Dataset.fromRows(ROWS), callbacks: [badAt(model, steps, from), ...callbacks] },
  );
  return { trainer, outputDir, model };
}

test("a step whose loss is not finite changes nothing, is counted and told of, and the run goes on", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const skipped: number[] = [];
  const callbacks: TrainerCallback[] = [
    { onStepEnd: ({ state, step }) => void (step?.skipped && skipped.push(state.globalStep)) },
  ];
  const { trainer, outputDir } = setUp([3, 6, 7], { callbacks });
  const output = await assertNothingKept(() => trainer.train());
  assert.deepEqual([output.globalStep, output.badSteps, skipped], [12, 3, [4, 7, 8]]);
  assert.ok(Number.isFinite(output.trainingLoss));
  assert.match(
    String(warn.mock.calls[0]?.arguments[0]),
    /^step 4: loss NaN, gradient norm NaN: not applied \(1 in a row\)\.$/,
  );
  assert.deepEqual(checkpointBytes(join(outputDir, "checkpoint-8")), checkpointBytes(join(outputDir, "checkpoint-6")));
});

test("after three such steps in a row the run ends with the step, its rows' texts and the last good checkpoint", async (t) => {
  t.mock.method(console, "warn", () => {});
  const { trainer, outputDir } = setUp([4, 5, 6, 7, 8]);
  await assert.rejects(trainer.train(), (error: Error) => {
    assert.match(
      error.message,
      /^step 7: expected a loss and gradients that are finite, got loss NaN, .* in 3 steps in a row\. /,
    );
    assert.ok(error.message.includes(`The last good checkpoint is ${join(outputDir, "checkpoint-6")};`), error.message);
    assert.match(error.message, /\n {2}row \d: "text \d"\n {2}row \d: "text \d"$/);
    return true;
  });
  assert.deepEqual(readdirSync(outputDir).sort(), ["checkpoint-2", "checkpoint-4", "checkpoint-6"]);
});

test("before the first checkpoint the error says that there is none", async (t) => {
  t.mock.method(console, "warn", () => {});
  await assert.rejects(setUp([0, 1, 2], { saveSteps: 9 }).trainer.train(), /step 3: .* There is no checkpoint yet\./);
});

test("a run with steps that were not applied is resumed to the same bytes", async (t) => {
  t.mock.method(console, "warn", () => {});
  const whole = setUp([3, 9]);
  await whole.trainer.train();
  const expected = checkpointBytes(join(whole.outputDir, "checkpoint-12"));
  const resumed = setUp([3, 9], { from: 8, outputDir: whole.outputDir });
  const output = await resumed.trainer.train({ resumeFromCheckpoint: join(whole.outputDir, "checkpoint-8") });
  assert.deepEqual(checkpointBytes(join(whole.outputDir, "checkpoint-12")), expected);
  assert.equal(output.badSteps, 2);
  assert.deepEqual(withoutTimes(resumed.trainer.state.logHistory), withoutTimes(whole.trainer.state.logHistory));
});

test("a loss that grows past ten times its start is told of once", () => {
  const warn = mock.method(console, "warn", () => {});
  const history: LogEntry[] = [];
  for (const [i, loss] of [0.5, 0.4, 4.9, 5.1, 6, 0.4, 7].entries()) {
    history.push({ step: i + 1, epoch: 0, loss }, { step: i + 1, epoch: 0, evalLoss: 9 });
    warnOfGrowth(history);
    if (loss < 5) assert.equal(warn.mock.callCount(), loss === 0.4 && i > 1 ? 1 : 0);
  }
  assert.equal(warn.mock.callCount(), 1);
  assert.match(
    String(warn.mock.calls[0]?.arguments[0]),
    /^step 4: the loss is 5\.10, 10 times and more what it was at step 1/,
  );
  warn.mock.restore();
});
