import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { Dataset } from "../../lib/data/dataset";
import type { Tokenizer } from "../../lib/data/tokenizer/tokenizer";
import { writeManifest } from "../../lib/files/manifest";
import type { TrainingArguments } from "../../lib/train/arguments";
import {
  checkpointFolder,
  lastCheckpoint,
  removeOldCheckpoints,
  removeOtherCheckpoints,
} from "../../lib/train/checkpoint";
import { temporaryFolder, writeFiles } from "../support/folders";
import { loadPeft } from "../support/golden";
import { TINY_ROWS } from "../support/tiny";
import { checkpointBytes, goldenTrainer, modelWithDropout, tinyTrainer, withoutTimes } from "../support/training";

const runs: [string, Partial<TrainingArguments>, boolean][] = [
  ["with 32-bit state", {}, false],
  ["with 8-bit state", { optim: "adamw_8bit" }, false],
  ["with dropout", {}, true],
  ["with dropout and 8-bit state", { optim: "adamw_8bit" }, true],
];

for (const [what, options, dropout] of runs) {
  test(`a run ${what} that is resumed in the middle ends byte for byte like one that was not`, async () => {
    const name = options.optim === undefined ? "roberta-head" : "roberta-8bit";
    const load = () => (dropout ? modelWithDropout(name, temporaryFolder()) : loadPeft(name, "adapter_init"));
    const outputDir = temporaryFolder();
    const args = { outputDir, ...options };
    const whole = await goldenTrainer(await load(), args);
    const { optimizer, trainingLoss } = await whole.train();
    assert.equal(optimizer.tensors8bit, options.optim === undefined ? 0 : 5);
    const bytes = checkpointBytes(join(outputDir, "checkpoint-12"));
    rmSync(join(outputDir, "checkpoint-12"), { recursive: true });

    const resumed = await goldenTrainer(await load(), args);
    const output = await resumed.train({ resumeFromCheckpoint: true });
    assert.deepEqual(checkpointBytes(join(outputDir, "checkpoint-12")), bytes);
    assert.deepEqual(withoutTimes(resumed.state.logHistory), withoutTimes(whole.state.logHistory));
    assert.deepEqual([output.trainingLoss, resumed.state.bestMetric], [trainingLoss, whole.state.bestMetric]);
  });
}

test("a run that a callback ended goes on from where it stood, in the middle of an epoch", async () => {
  const [outputDir, other] = [temporaryFolder(), temporaryFolder()];
  const options = { saveStrategy: "epoch", loggingSteps: 2 } as const;
  const whole = tinyTrainer({ outputDir: other, ...options });
  await whole.train();
  const stopAt = {
    onStepEnd: ({ state, control }: { state: { globalStep: number }; control: { shouldTrainingStop: boolean } }) => {
      control.shouldTrainingStop = state.globalStep === 2;
    },
  };
  const stopping = tinyTrainer({ outputDir, ...options }, { callbacks: [stopAt] });
  const { stopped, globalStep } = await stopping.train();
  assert.deepEqual([stopped, globalStep, readdirSync(outputDir)], [true, 2, ["checkpoint-2"]]);
  const resumed = tinyTrainer({ outputDir, ...options });
  assert.equal((await resumed.train({ resumeFromCheckpoint: true })).stopped, false);
  assert.deepEqual(checkpointBytes(join(outputDir, "checkpoint-6")), checkpointBytes(join(other, "checkpoint-6")));
  assert.deepEqual(withoutTimes(resumed.state.logHistory), withoutTimes(whole.state.logHistory));
});

test("checkpoints every few steps lie in folders named after the step", async () => {
  const outputDir = temporaryFolder();
  await tinyTrainer({ outputDir, saveStrategy: "steps", saveSteps: 2 }).train();
  assert.deepEqual(readdirSync(outputDir).sort(), ["checkpoint-2", "checkpoint-4", "checkpoint-6"]);
  assert.deepEqual(readdirSync(checkpointFolder(outputDir, 2)).sort(), [
    "README.md",
    "adapter_config.json",
    "adapter_model.safetensors",
    "manifest.json",
    "optimizer.safetensors",
    "trainer_state.json",
    "training_args.json",
  ]);
  const read = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(outputDir, "checkpoint-4", name), "utf8"));
  const { global_step, max_steps, log_history } = read("trainer_state.json");
  assert.deepEqual([global_step, max_steps], [4, 6]);
  assert.deepEqual(Object.keys((log_history as object[])[0] ?? {}).sort(), [
    "epoch",
    "grad_norm",
    "learning_rate",
    "loss",
    "step",
  ]);
  assert.equal(read("training_args.json").per_device_train_batch_size, 2);
});

test("the last checkpoint is the one with the most steps", () => {
  const folder = temporaryFolder();
  assert.equal(lastCheckpoint(join(folder, "none")), undefined);
  assert.equal(lastCheckpoint(folder), undefined);
  writeFiles(folder, { "checkpoint-9/a": "", "checkpoint-10/a": "", "checkpoint-11.5.part/a": "", "other-99/a": "" });
  assert.equal(lastCheckpoint(folder), join(folder, "checkpoint-10"));
});

test("old checkpoints go, but the last and the best one stay", () => {
  const left = (limit: number, best?: number): string[] => {
    const folder = temporaryFolder();
    writeFiles(folder, Object.fromEntries([2, 4, 6, 8, 10].map((step) => [`checkpoint-${step}/a`, ""])));
    removeOldCheckpoints(folder, limit, best === undefined ? undefined : checkpointFolder(folder, best));
    return readdirSync(folder).sort();
  };
  assert.equal(left(0).length, 5);
  assert.equal(left(9, 2).length, 5);
  assert.deepEqual(left(3), ["checkpoint-10", "checkpoint-6", "checkpoint-8"]);
  assert.deepEqual(left(2, 4), ["checkpoint-10", "checkpoint-4"]);
  assert.deepEqual(left(1, 4), ["checkpoint-10", "checkpoint-4"]);
  assert.deepEqual(left(1, 10), ["checkpoint-10"]);
  assert.deepEqual(left(2, 10), ["checkpoint-10", "checkpoint-8"]);
});

test("a checkpoint at an epoch's last step is resumed with the evaluation that was still to come", async () => {
  const [outputDir, other] = [temporaryFolder(), temporaryFolder()];
  const options = { saveStrategy: "steps", saveSteps: 3, evalStrategy: "epoch", loggingStrategy: "epoch" } as const;
  const whole = tinyTrainer({ outputDir: other, ...options });
  await whole.train();
  // The evaluation after step 3 fails: what was saved before it is all there is.
  const failing = tinyTrainer({ outputDir, ...options }, { computeMetrics: () => assert.fail("power cut") });
  await assert.rejects(failing.train(), /power cut/);
  assert.deepEqual(readdirSync(outputDir), ["checkpoint-3"]);
  const resumed = tinyTrainer({ outputDir, ...options });
  await resumed.train({ resumeFromCheckpoint: true });
  assert.deepEqual(withoutTimes(resumed.state.logHistory), withoutTimes(whole.state.logHistory));
  assert.deepEqual(checkpointBytes(join(outputDir, "checkpoint-6")), checkpointBytes(join(other, "checkpoint-6")));
});

test("in a folder that was moved, the best checkpoint is the one in its new place", async () => {
  const [old, outputDir] = [temporaryFolder(), join(temporaryFolder(), "moved")];
  const options = { saveStrategy: "epoch", evalStrategy: "epoch", loadBestModelAtEnd: true } as const;
  await tinyTrainer({ outputDir: old, ...options }).train();
  cpSync(old, outputDir, { recursive: true });
  const resumed = tinyTrainer({ outputDir, ...options });
  await resumed.train({ resumeFromCheckpoint: true });
  assert.match(resumed.state.bestModelCheckpoint ?? "", /checkpoint-\d+$/);
  assert.equal(dirname(resumed.state.bestModelCheckpoint ?? ""), outputDir);
});

test("the one checkpoint that is kept is recognised by its folder, whether its path is relative or absolute", () => {
  const folder = temporaryFolder();
  writeFiles(folder, { "checkpoint-1/x": "", "checkpoint-2/x": "" });
  const other = join(relative(process.cwd(), folder), "checkpoint-1");
  removeOtherCheckpoints(folder, other);
  assert.deepEqual(readdirSync(folder), ["checkpoint-1"]);
  writeFiles(folder, { "checkpoint-2/x": "", "checkpoint-3/x": "" });
  removeOldCheckpoints(folder, 2, other);
  assert.deepEqual(readdirSync(folder).sort(), ["checkpoint-1", "checkpoint-3"]);
});

test("a best checkpoint that is no longer there is forgotten", async () => {
  const outputDir = temporaryFolder();
  const options = { saveStrategy: "epoch", evalStrategy: "epoch", loadBestModelAtEnd: true } as const;
  await tinyTrainer({ outputDir, ...options }).train();
  const state = JSON.parse(readFileSync(join(outputDir, "checkpoint-6", "trainer_state.json"), "utf8"));
  writeFiles(outputDir, {
    "checkpoint-6/trainer_state.json": { ...state, best_model_checkpoint: join(outputDir, "checkpoint-2") },
  });
  writeManifest(join(outputDir, "checkpoint-6"));
  const resumed = tinyTrainer({ outputDir, ...options });
  await resumed.train({ resumeFromCheckpoint: true });
  assert.equal(resumed.state.bestModelCheckpoint, undefined);
});

test("the tokenizer's files lie beside the weights", async () => {
  const outputDir = temporaryFolder();
  const tokenizer = Object.assign(() => ({ inputIds: [], attentionMask: [] }), {
    vocabSize: 20,
    savePretrained: (folder: string) => void writeFiles(folder, { "tokenizer.json": {} }),
  }) as unknown as Tokenizer;
  await tinyTrainer({ outputDir, saveStrategy: "epoch", numTrainEpochs: 1 }, { tokenizer }).train();
  assert.ok(existsSync(join(outputDir, "checkpoint-3", "tokenizer.json")));
});

test("a checkpoint of another run, of another optimizer or with a missing file is refused", async () => {
  const outputDir = temporaryFolder();
  await assert.rejects(
    tinyTrainer({ outputDir }).train({ resumeFromCheckpoint: true }),
    /^Error: `resumeFromCheckpoint`: expected a checkpoint in .*, got none\.$/,
  );
  await tinyTrainer({ outputDir, saveStrategy: "epoch" }).train();
  const checkpoint = join(outputDir, "checkpoint-3");
  const resume = (args: Partial<TrainingArguments>): Promise<unknown> =>
    tinyTrainer({ outputDir, ...args }).train({ resumeFromCheckpoint: checkpoint });
  await assert.rejects(
    resume({ numTrainEpochs: 3 }),
    /checkpoint-3\/trainer_state\.json: `max_steps`: expected 9, got 6\. Resume with/,
  );
  await assert.rejects(
    resume({ gradientAccumulationSteps: 2, numTrainEpochs: 3 }),
    /trainer_state\.json: `gradient_accumulation_steps`: expected 2, got 1\. Resume with/,
  );
  // Another order of the rows, and moments that are not there.
  await assert.rejects(resume({ seed: 43 }), /trainer_state\.json: `seed`: expected 43, got 42\. Resume with/);
  await assert.rejects(resume({ optim: "sgd" }), /trainer_state\.json: `optim`: expected sgd, got adamw\. Resume with/);
  const more = { trainDataset: Dataset.fromRows([...TINY_ROWS, ...TINY_ROWS.slice(0, 1)]) };
  await assert.rejects(
    tinyTrainer({ outputDir }, more).train({ resumeFromCheckpoint: checkpoint }),
    /trainer_state\.json: `train_rows`: expected 6, got 5\. Resume with/,
  );
  writeFiles(checkpoint, { "trainer_state.json": { global_step: 3 } });
  writeManifest(checkpoint);
  await assert.rejects(resume({}), /trainer_state\.json: expected global_step, log_history and losses/);
  rmSync(join(checkpoint, "optimizer.safetensors"));
  cpSync(join(outputDir, "checkpoint-6", "trainer_state.json"), join(checkpoint, "trainer_state.json"));
  writeManifest(checkpoint);
  await assert.rejects(resume({}), /optimizer\.safetensors: expected a .*file.*, got none/);
});

test("a checkpoint that cannot be written whole is not there at all", async () => {
  const outputDir = temporaryFolder();
  const trainer = tinyTrainer({ outputDir, saveStrategy: "epoch" });
  const model = (trainer as unknown as { options: { model: { savePretrained(folder: string): void } } }).options.model;
  const save = model.savePretrained.bind(model);
  model.savePretrained = (folder) => {
    save(folder);
    throw new Error("disk full");
  };
  await assert.rejects(trainer.train(), /disk full/);
  assert.equal(existsSync(join(outputDir, "checkpoint-3")), false);
  assert.deepEqual(readdirSync(outputDir), []);
});
