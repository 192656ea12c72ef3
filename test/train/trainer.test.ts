import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { nodeBackend } from "../../lib/tensor/raw-op";
import type { LogEntry, TrainerCallback } from "../../lib/train/callbacks";
import { temporaryFolder } from "../support/folders";
import { assertClose, disposePeft, fixture, loadPeft, read } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { TINY_BATCH, TINY_ROWS, tinyModel } from "../support/tiny";
import { ADAMW_RUN, TRAINER_LOG } from "../support/tolerances";
import { goldenTrainer, tinyTrainer, trainerFixture } from "../support/training";

/** The reference's names for what is logged; run times are left out. */
const NAMES: Record<string, string> = {
  loss: "loss",
  gradNorm: "grad_norm",
  learningRate: "learning_rate",
  evalLoss: "eval_loss",
  evalAccuracy: "eval_accuracy",
  trainLoss: "train_loss",
  epoch: "epoch",
  step: "step",
};

function renamed(entry: LogEntry): Record<string, number> {
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) => (key in NAMES ? [[NAMES[key] as string, value]] : [])),
  );
}

test("a run logs, chooses its best checkpoint and ends as the reference Trainer's", async () => {
  const expected = trainerFixture();
  const outputDir = temporaryFolder();
  const model = await loadPeft("roberta-head", "adapter_init");
  const trainer = await goldenTrainer(model, { outputDir });
  const output = await assertNothingKept(() => trainer.train());
  const { state } = trainer;
  assert.deepEqual([output.globalStep, state.globalStep, state.maxSteps], [12, 12, 12]);
  assert.deepEqual([output.stopped, output.optimizer.tensors8bit], [false, 0]);
  assertClose(output.trainingLoss, expected.train_loss, { absolute: TRAINER_LOG });

  assert.equal(state.logHistory.length, expected.log_history.length);
  for (const [i, wanted] of expected.log_history.entries()) {
    const entry = renamed(state.logHistory[i] as LogEntry);
    assert.deepEqual(Object.keys(entry).sort(), Object.keys(wanted).sort(), `names of entry ${i}`);
    for (const [key, value] of Object.entries(wanted)) {
      const absolute = /loss|norm/.test(key) ? TRAINER_LOG : 1e-12;
      assertClose(entry[key] as number, value, { absolute }, `entry ${i}, ${key}`);
    }
  }

  assert.equal(basename(state.bestModelCheckpoint ?? ""), expected.best_checkpoint);
  assertClose(state.bestMetric ?? 0, expected.best_metric, { absolute: TRAINER_LOG });
  assert.deepEqual(readdirSync(outputDir).sort(), ["checkpoint-12", "checkpoint-6"]);
  const last = SafetensorsFile.open(fixture("trainer", "last_adapter_model.safetensors"));
  const ours = SafetensorsFile.open(join(outputDir, "checkpoint-12", "adapter_model.safetensors"));
  for (const key of last.tensors.keys()) {
    assertClose(ours.readFloat32(key), last.readFloat32(key), { absolute: ADAMW_RUN.weights }, key);
  }
  const metrics = await assertNothingKept(() => trainer.evaluate());
  assertClose(metrics.evalLoss as number, expected.eval_after_best_is_loaded.eval_loss, { absolute: TRAINER_LOG });
  assert.equal(metrics.evalAccuracy, expected.eval_after_best_is_loaded.eval_accuracy);
  disposePeft(model);
});

test("a training that could not be evaluated does not begin", async () => {
  const args = { outputDir: "unused", evalStrategy: "epoch" } as const;
  const callbacks = [{ onTrainBegin: () => assert.fail("it began") }];
  const empty = Dataset.fromRows([]);
  for (const [evalDataset, got] of [
    [undefined, "none"],
    [empty, "an empty one"],
  ] as const) {
    const trainer = tinyTrainer(args, { evalDataset: evalDataset as Dataset, callbacks });
    await assert.rejects(
      trainer.train(),
      new RegExp(`^Error: \`evalDataset\`: expected a dataset with rows, got ${got}`),
    );
  }
});

const onGpu = nodeBackend().isUsingGpuDevice && "on a GPU nothing is known of its memory";

test("a training that cannot fit into the memory does not begin", { skip: onGpu }, async (t) => {
  t.mock.method(process, "constrainedMemory", () => 1);
  const trainer = tinyTrainer(
    { outputDir: "unused" },
    { callbacks: [{ onTrainBegin: () => assert.fail("it began") }] },
  );
  await assert.rejects(trainer.train(), /^RangeError: the largest training step needs about .* GB of memory/);
});

test("a new run in the folder of an earlier one warns of its checkpoints, a resumed one does not", async (t) => {
  const warn = t.mock.method(console, "warn", () => undefined);
  const outputDir = temporaryFolder();
  const args = { outputDir, saveStrategy: "epoch" } as const;
  await tinyTrainer(args).train();
  await tinyTrainer(args).train({ resumeFromCheckpoint: join(outputDir, "checkpoint-3") });
  assert.deepEqual(warn.mock.calls, []);
  await tinyTrainer(args).train();
  const advice = "Going on later would take the one with the most steps: give each run a folder of its own.";
  assert.deepEqual(
    warn.mock.calls.map(({ arguments: given }) => given),
    [[`\`outputDir\`: has checkpoints of an earlier run (${join(outputDir, "checkpoint-6")}). ${advice}`]],
  );
});

test("the best checkpoint's weights are there at the end even when a later one is worse", async () => {
  const outputDir = temporaryFolder();
  // What is learnt is wrong for the evaluation, so each epoch makes its loss worse.
  const contrary = Dataset.fromRows(TINY_ROWS.map((row) => ({ ...row, label: 1 - row.label })));
  const model = tinyModel();
  const trainer = tinyTrainer(
    { outputDir, evalStrategy: "epoch", saveStrategy: "epoch", loadBestModelAtEnd: true, numTrainEpochs: 3 },
    { model, evalDataset: contrary },
  );
  await trainer.train();
  const losses = trainer.state.logHistory.flatMap(({ evalLoss }) => (evalLoss === undefined ? [] : [evalLoss]));
  assert.deepEqual(
    losses,
    losses.toSorted((a, b) => a - b),
  );
  assert.equal(trainer.state.bestModelCheckpoint, join(outputDir, "checkpoint-3"));
  assert.equal(trainer.state.bestMetric, losses[0]);
  const { evalLoss } = await trainer.evaluate();
  assertClose(evalLoss as number, losses[0] as number, { absolute: 1e-7 });
});

test("the learning rate is logged as the step used it, or as the next one will", async () => {
  const rates = async (loggedLearningRate: "now" | "then"): Promise<number[]> => {
    const trainer = tinyTrainer({ outputDir: "unused", numTrainEpochs: 1, learningRate: 0.3, loggedLearningRate });
    await trainer.train();
    return trainer.state.logHistory.flatMap(({ learningRate }) => (learningRate === undefined ? [] : [learningRate]));
  };
  // Three steps: base · (3 − step) / 3 before and after each.
  assertClose(await rates("now"), [0.3, 0.2, 0.1], { absolute: 1e-12 });
  assertClose(await rates("then"), [0.2, 0.1, 0], { absolute: 1e-12 });
});

test("callbacks hear every event in order, and losses only on logged steps", async () => {
  const heard: string[] = [];
  const losses: (number | undefined)[] = [];
  const names = [
    "onTrainBegin",
    "onEpochBegin",
    "onStepEnd",
    "onEpochEnd",
    "onLog",
    "onEvaluate",
    "onSave",
    "onTrainEnd",
    "onPredictionStep",
  ] as const;
  const listener: TrainerCallback = Object.fromEntries(names.map((name) => [name, () => void heard.push(name)]));
  const steps: TrainerCallback = { onStepEnd: ({ step }) => void losses.push(step?.loss) };
  const outputDir = temporaryFolder();
  const trainer = tinyTrainer(
    {
      outputDir,
      numTrainEpochs: 1,
      loggingSteps: 2,
      evalStrategy: "epoch",
      saveStrategy: "epoch",
      perDeviceEvalBatchSize: 100,
    },
    { callbacks: [listener, steps] },
  );
  const { metrics } = await trainer.train();
  assert.deepEqual(heard, [
    ...["onTrainBegin", "onEpochBegin", "onStepEnd", "onStepEnd", "onLog", "onStepEnd", "onEpochEnd"],
    ...["onPredictionStep", "onLog", "onEvaluate", "onSave", "onLog", "onTrainEnd"],
  ]);
  assert.deepEqual([losses.length, losses[0], typeof losses[1], losses[2]], [3, undefined, "number", undefined]);
  assert.equal(
    metrics.trainTokens,
    TINY_ROWS.reduce((sum, { inputIds }) => sum + inputIds.length, 0),
  );
});

test("a callback can ask for a log, an evaluation and a checkpoint after a step, or for none", async () => {
  const outputDir = temporaryFolder();
  const done: string[] = [];
  const asking: TrainerCallback = {
    onStepEnd: ({ state, control }) => {
      const asked = state.globalStep === 2;
      Object.assign(control, { shouldLog: asked, shouldEvaluate: asked, shouldSave: asked });
    },
    onLog: ({ state, logs }) => void done.push(`log ${state.globalStep} ${logs?.loss === undefined ? "" : "loss"}`),
    onEvaluate: ({ state }) => void done.push(`evaluate ${state.globalStep}`),
    onSave: ({ state }) => void done.push(`save ${state.globalStep}`),
  };
  await tinyTrainer({ outputDir, saveStrategy: "steps", saveSteps: 1 }, { callbacks: [asking] }).train();
  assert.deepEqual(done, ["log 2 loss", "log 2 ", "evaluate 2", "save 2", "log 6 "]);
});

test("the first step is logged when that is asked for, and a window without steps is not logged", async () => {
  const trainer = tinyTrainer({ outputDir: "unused", loggingSteps: 3, loggingFirstStep: true });
  await trainer.train();
  const logged = trainer.state.logHistory.filter(({ loss }) => loss !== undefined).map(({ step }) => step);
  assert.deepEqual(logged, [1, 3, 6]);
  const epochs = tinyTrainer({
    outputDir: "unused",
    loggingStrategy: "epoch",
    loggingFirstStep: true,
    numTrainEpochs: 1,
  });
  await epochs.train();
  assert.deepEqual(
    epochs.state.logHistory.map(({ step }) => step),
    [1, 3, 3],
  );
});

test("nothing is written when nothing is to be saved", async () => {
  const outputDir = join(temporaryFolder(), "out");
  await tinyTrainer({ outputDir }).train();
  assert.equal(existsSync(outputDir), false);
});

test("predictions come in the order of the rows, with labels, loss and metrics", async () => {
  const model = tinyModel();
  const trainer = tinyTrainer(
    { outputDir: "unused" },
    { model, computeMetrics: ({ labels }) => ({ count: labels.length }) },
  );
  const { predictions, labelIds, metrics } = await trainer.predict(Dataset.fromRows(TINY_ROWS));
  assertClose(predictions, await read(model.forward(TINY_BATCH)), {
    absolute: 1e-6,
  });
  assert.deepEqual(
    labelIds,
    TINY_ROWS.map(({ label }) => label),
  );
  assert.deepEqual([metrics.count, typeof metrics.loss], [5, "number"]);
});

test("what cannot be trained or evaluated is an error that says so", async () => {
  const args = { outputDir: "unused" };
  const rejects = (options: Parameters<typeof tinyTrainer>[1], message: RegExp): Promise<void> =>
    assert.rejects(tinyTrainer(args, options).train(), { message });
  await rejects(
    { trainDataset: undefined as unknown as Dataset },
    /^`trainDataset`: expected a dataset with rows, got none\.$/,
  );
  await rejects(
    { trainDataset: Dataset.fromRows([]) },
    /^`trainDataset`: expected a dataset with rows, got an empty one\.$/,
  );
  await rejects(
    { trainDataset: Dataset.fromRows([{ label: 0 }]) },
    /^row 0, `inputIds`: expected token ids, got none\. Tokenize/,
  );
  await rejects(
    { trainDataset: Dataset.fromRows([{ inputIds: [0, 2], label: 2 }]) },
    /^row 0, `label`: expected an integer from 0 to 1, got 2\.$/,
  );
  const frozen = tinyModel();
  for (const parameter of frozen.parameters.values()) parameter.requiresGrad = false;
  await rejects({ model: frozen }, /^`model`: expected trainable parameters, got none\. See getPeftModel\(\)\.$/);
  await assert.rejects(
    tinyTrainer(args, { evalDataset: undefined as unknown as Dataset }).evaluate(),
    /^Error: `evalDataset`: expected a dataset/,
  );
});

test("a tokenizer with more tokens than the model is refused at once", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  assert.throws(() => tinyTrainer({ outputDir: "unused" }, { tokenizer }), {
    name: "RangeError",
    message: "`tokenizer`: expected at most the model's 20 tokens, got 400.",
  });
});
