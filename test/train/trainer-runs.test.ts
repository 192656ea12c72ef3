import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { camelCase, isObject } from "../../lib/files/json";
import { SafetensorsFile } from "../../lib/files/safetensors";
import type { TrainingArguments } from "../../lib/train/arguments";
import { EarlyStoppingCallback } from "../../lib/train/early-stopping";
import { temporaryFolder } from "../support/folders";
import { assertClose, disposePeft, fixture, loadPeft, readFixture } from "../support/golden";
import { assertNothingKept } from "../support/memory";
import { ADAMW_RUN, TRAINER_LOG } from "../support/tolerances";
import { goldenTrainer, withoutTimes } from "../support/training";

/** trainer/runs/<name>.json: what transformers' Trainer did, by test/fixtures/make/trainer_runs.py. */
interface PeerRun {
  settings: {
    args: Record<string, unknown>;
    patience?: number;
    threshold?: number;
    loraplus_ratio?: number;
    class_weights?: number[];
  };
  log_history: Record<string, number>[];
  global_step: number;
  max_steps: number;
  num_train_epochs: number;
  train_loss: number;
  best_metric: number | null;
  best_checkpoint: string | null;
  checkpoints: string[];
}

/** Settings by our names, those in settings too. */
function withOurNames(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [camelCase(name), isObject(value) ? withOurNames(value) : value]),
  );
}

/** Our names of the settings; those that every run of the reference had come first. */
function optionsOf({ args, loraplus_ratio, class_weights }: PeerRun["settings"], outputDir: string): TrainingArguments {
  return {
    outputDir,
    evalStrategy: "no",
    saveStrategy: "steps",
    loadBestModelAtEnd: false,
    numTrainEpochs: 3,
    ...withOurNames(args),
    ...(loraplus_ratio === undefined ? {} : { loraplusLrRatio: loraplus_ratio }),
    ...(class_weights === undefined ? {} : { classWeights: class_weights }),
  };
}

for (const name of [
  "steps",
  "accumulation",
  "smoothing",
  "early-stopping",
  "loraplus",
  "weights",
  "best",
  "sequential",
]) {
  test(`the run "${name}" logs, keeps and ends as transformers' Trainer`, async () => {
    const expected = readFixture<PeerRun>("trainer", "runs", `${name}.json`);
    const { settings } = expected;
    const outputDir = temporaryFolder();
    const model = await loadPeft("roberta-head", "adapter_init");
    const callbacks =
      settings.patience === undefined
        ? []
        : [new EarlyStoppingCallback({ patience: settings.patience, threshold: settings.threshold ?? 0 })];
    const trainer = await goldenTrainer(model, optionsOf(settings, outputDir), { callbacks });
    const { trainingLoss } = await assertNothingKept(() => trainer.train());
    const { state } = trainer;

    assert.equal(state.logHistory.length, expected.log_history.length, JSON.stringify(state.logHistory));
    const history = withoutTimes(state.logHistory);
    for (const [i, wanted] of expected.log_history.entries()) {
      // Tokens are what only we count.
      const { trainTokens: _, ...entry } = history[i] ?? {};
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(wanted).map(camelCase).sort(), `names of entry ${i}`);
      for (const [key, value] of Object.entries(wanted)) {
        const absolute = /loss/.test(key) ? TRAINER_LOG : /norm/.test(key) ? TRAINER_LOG * Math.max(1, value) : 1e-12;
        assertClose(entry[camelCase(key)] as number, value, { absolute }, `entry ${i}, ${key}`);
      }
    }
    assert.deepEqual(
      [state.globalStep, state.maxSteps, state.numTrainEpochs],
      [expected.global_step, expected.max_steps, expected.num_train_epochs],
    );
    assertClose(trainingLoss, expected.train_loss, { absolute: TRAINER_LOG });
    assert.deepEqual(readdirSync(outputDir).sort(), expected.checkpoints);
    const best = state.bestModelCheckpoint === undefined ? null : basename(state.bestModelCheckpoint);
    assert.equal(best, expected.best_checkpoint);
    if (expected.best_metric === null) assert.equal(state.bestMetric, undefined);
    else assertClose(state.bestMetric ?? Number.NaN, expected.best_metric, { absolute: TRAINER_LOG });

    const last = SafetensorsFile.open(fixture("trainer", "runs", `${name}.safetensors`));
    for (const { name: key, value } of model.trainableParameters()) {
      assertClose(value.dataSync() as Float32Array, last.readFloat32(key), { absolute: ADAMW_RUN.weights }, key);
    }
    disposePeft(model);
  });
}
