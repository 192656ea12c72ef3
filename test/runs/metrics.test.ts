import assert from "node:assert/strict";
import { test } from "node:test";
import { type FinishedRun, METRIC_KEYS, missingMetrics, runEvaluation, runMetrics } from "../../lib/runs/metrics";
import type { TrainerState } from "../../lib/train/callbacks";

const state: TrainerState = {
  globalStep: 20,
  maxSteps: 20,
  epoch: 2,
  numTrainEpochs: 2,
  tokensSeen: 1000,
  bestMetric: 0.3,
  bestGlobalStep: 10,
  bestModelCheckpoint: "checkpoints/checkpoint-10",
  loadedCheckpoint: "checkpoints/checkpoint-10",
  logHistory: [
    { step: 10, epoch: 1, evalLoss: 0.3, evalAccuracy: 0.9 },
    { step: 20, epoch: 2, evalLoss: 0.4, evalAccuracy: 0.92 },
  ],
};

const run: FinishedRun = {
  model: "",
  dataset: "some/folder",
  sources: { model: "/m", dataset: "/d", demo: { model: true, dataset: false }, banner: "" },
  ...{ config: "commonsense", trainSplit: "train", evalSplit: "test", rank: 8, alpha: 8, dropout: 0, seed: 42 },
  ...{ targetModules: ["query"], trainHead: false, learningRate: 1e-3, batchSize: 4, epochs: 2 },
  ...{ dtype: "float32", optim: "adamw_8bit", state },
  counts: { trainRows: 40, evalRows: 8, trainable: 10, all: 100 },
  baseline: { evalLoss: 0.9, evalAccuracy: 0.6, evalRuntime: 2 },
  trained: {
    globalStep: 20,
    badSteps: 0,
    trainingLoss: 0.5,
    metrics: { trainRuntime: 10, trainTokensPerSecond: 100 },
    optimizer: { tensors8bit: 1, elements8bit: 1, bytes8bit: 1, tensors32bit: 0 },
    stopped: false,
  },
  validation: { before: undefined, after: undefined },
  device: {
    device: "cpu",
    kernels: "none",
    name: "",
    cores: 2,
    memoryBytes: 1,
    node: "20",
    tensorflow: "2",
    tfjs: "4",
  },
  memory: { tensors: 1, tensorBytes: 1, rssBytes: 1, peakRssBytes: 5 },
};

test("metrics.json has every key, in its order, and nothing else", () => {
  const metrics = runMetrics(run);
  assert.deepEqual(Object.keys(metrics), [...METRIC_KEYS]);
  assert.deepEqual(missingMetrics(JSON.parse(JSON.stringify(metrics))), []);
  assert.equal(metrics.demo, true);
  assert.equal(metrics.dataset, "some/folder");
  assert.deepEqual(metrics.baseline, { loss: 0.9, accuracy: 0.6 });
  assert.equal(metrics.tokensPerSecond, 100);
  assert.match(metrics.versions.project, /^\d+\.\d+\.\d+$/);
});

test("a part's own metric is kept beside accuracy", () => {
  const scored = (accuracy: number, exactMatch: number) => ({
    predictions: [],
    labelIds: [],
    metrics: { loss: 1, accuracy, exactMatch },
  });
  const log = state.logHistory.map((entry) => ({ ...entry, evalExactMatch: entry.step / 100 }));
  const { baseline, final, validation } = runMetrics({
    ...run,
    baseline: { ...run.baseline, evalExactMatch: 0 },
    state: { ...state, logHistory: log },
    validation: { before: scored(0.5, 0.1), after: scored(0.6, 0.2) },
  });
  assert.deepEqual(baseline, { loss: 0.9, accuracy: 0.6, exactMatch: 0 });
  assert.deepEqual(final, { loss: 0.3, accuracy: 0.9, exactMatch: 0.1 });
  assert.deepEqual(validation, { before: 0.5, after: 0.6, exactMatch: { before: 0.1, after: 0.2 } });
  assert.deepEqual(runMetrics(run).validation, { before: null, after: null });
});

test("keys that a file lacks are named", () => {
  assert.deepEqual(missingMetrics({ ...runMetrics(run), seed: undefined }), ["seed"]);
});

test("a run's result is its best evaluation if that checkpoint was loaded, else the last one", () => {
  assert.deepEqual(runEvaluation(state), { loss: 0.3, accuracy: 0.9 });
  const { loadedCheckpoint: _, ...unloaded } = state;
  assert.deepEqual(runEvaluation(unloaded), { loss: 0.4, accuracy: 0.92 });
  assert.throws(() => runEvaluation({ ...state, logHistory: [] }), /expected an evaluation in its log, got none/);
});
