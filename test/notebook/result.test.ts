import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunMetrics } from "../../lib/runs/metrics";
import { resultText } from "../../scripts/notebook/result";

const metrics: RunMetrics = {
  ...{ model: "m", dataset: "d", config: "commonsense", trainSplit: "train", evalSplit: "test", demo: false },
  ...{ rank: 8, alpha: 8, dropout: 0, targetModules: ["query"], trainHead: false, learningRate: 1e-3, batchSize: 4 },
  ...{ trainableParameters: 1000, totalParameters: 10_000, trainRows: 40, evalRows: 20 },
  baseline: { loss: 0.7, accuracy: 0.5 },
  final: { loss: 0.25, accuracy: 0.9 },
  validation: { before: null, after: null },
  ...{ bestCheckpoint: null, steps: 10, epochs: 1, trainLoss: 0.5, tokens: 1000, trainSeconds: 10, evalSeconds: 1 },
  ...{ tokensPerSecond: 100, peakRssBytes: 1e9, device: "cpu", dtype: "float32", optim: "adamw", seed: 42 },
  versions: { node: "", tensorflow: "", tfjs: "", project: "" },
};

/** What `resultText` says of a run, as it reads it: metrics that have been JSON. */
function told(change: Partial<RunMetrics>): string {
  return resultText(JSON.parse(JSON.stringify({ ...metrics, ...change })) as RunMetrics);
}

test("the end of a run tells accuracy and loss before and after", () => {
  assert.match(told({}), /test \(20 rows\) +50\.0 % +90\.0 %/);
  assert.match(told({}), /loss on test: 0\.7000 before, 0\.2500 after/);
});

test("a loss that is not a number is said to be none", () => {
  const text = told({ final: { loss: Number.NaN, accuracy: 0.5 } });
  assert.match(text, /loss on test: 0\.7000 before, not a number after/);
});
