import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrainingArguments } from "../../lib/train/arguments";
import { resolveArguments } from "../../lib/train/resolve-arguments";

test("everything but the folder has the default of transformers' TrainingArguments", () => {
  const { outputDir, perDeviceTrainBatchSize, numTrainEpochs, learningRate, weightDecay, maxGradNorm, ...rest } =
    resolveArguments({ outputDir: "out" });
  assert.deepEqual([outputDir, perDeviceTrainBatchSize, numTrainEpochs], ["out", 8, 3]);
  assert.deepEqual([learningRate, weightDecay, maxGradNorm], [5e-5, 0, 1]);
  assert.deepEqual([rest.adamBeta1, rest.adamBeta2, rest.adamEpsilon, rest.optim], [0.9, 0.999, 1e-8, "adamw"]);
  assert.deepEqual(
    [rest.loggingSteps, rest.saveSteps, rest.evalStrategy, rest.saveStrategy, rest.seed],
    [500, 500, "no", "steps", 42],
  );
});

test("the metric of the best model, and whether more of it is better, follow from the settings", () => {
  const chosen = (options: Partial<TrainingArguments>): unknown[] => {
    const args = resolveArguments({ outputDir: "out", loggingSteps: 7, ...options });
    return [args.metricForBestModel, args.greaterIsBetter, args.evalSteps];
  };
  const best = { loadBestModelAtEnd: true, evalStrategy: "epoch", saveStrategy: "epoch" } as const;
  assert.deepEqual(chosen({}), ["", false, 7]);
  assert.deepEqual(chosen(best), ["loss", false, 7]);
  assert.deepEqual(chosen({ ...best, metricForBestModel: "accuracy", evalSteps: 2 }), ["accuracy", true, 2]);
  assert.deepEqual(chosen({ metricForBestModel: "eval_loss" }), ["eval_loss", false, 7]);
  assert.deepEqual(chosen({ metricForBestModel: "regret", greaterIsBetter: false }), ["regret", false, 7]);
});

test("an option that is undefined has its default", () => {
  assert.equal(resolveArguments({ outputDir: "out", seed: undefined as unknown as number }).seed, 42);
});

const refused: [Partial<Record<keyof TrainingArguments, unknown>> & Record<string, unknown>, RegExp][] = [
  [{ outputDir: "" }, /^`outputDir`: expected a folder, got ''\.$/],
  [{ perDeviceTrainBatchSize: 0 }, /^`perDeviceTrainBatchSize`: expected a positive integer, got 0\.$/],
  [{ loggingSteps: 2.5 }, /^`loggingSteps`: expected a positive integer, or a share of all steps below 1, got 2\.5\.$/],
  [{ learningRate: 0 }, /^`learningRate`: expected a positive number, got 0\.$/],
  [{ learningRate: Number.NaN }, /^`learningRate`: expected a positive number, got NaN\.$/],
  [{ numTrainEpochs: -1 }, /^`numTrainEpochs`: expected a positive number, got -1\.$/],
  [{ weightDecay: -0.1 }, /^`weightDecay`: expected a number of 0 or more, got -0\.1\.$/],
  [{ adamBeta2: 1 }, /^`adamBeta2`: expected a number in \[0, 1\), got 1\.$/],
  [{ optim: "adafactor" }, /^`optim`: expected one of adamw, adamw_torch, .*adamw_8bit, .*sgd, got 'adafactor'\.$/],
  [{ evalStrategy: "best" }, /^`evalStrategy`: expected one of no, epoch, steps, got 'best'\.$/],
  [{ lrSchedulerType: "greedy" }, /^`lrSchedulerType`: expected one of linear, cosine, .*constant_with_warmup, got/],
  [{ lrSchedulerKwargs: { power: 2 } }, /^`lrSchedulerKwargs`: expected nothing with "linear", got \{ power: 2 \}/],
  [
    { lrSchedulerType: "cosine_with_min_lr", lrSchedulerKwargs: { minLr: 1, minLrRate: 1 } },
    /^`lrSchedulerKwargs`: expected either minLr or minLrRate, got/,
  ],
  [
    { lrSchedulerType: "polynomial", lrSchedulerKwargs: { lrEnd: 1 } },
    /^`lrSchedulerKwargs`: expected lrEnd below the learning rate 0\.00005, got/,
  ],
  [
    { saveStrategy: "best", evalStrategy: "steps" },
    /^`saveStrategy` "best": expected evalStrategy and metricForBestModel, got "steps" and ""/,
  ],
  [
    { loadBestModelAtEnd: true, evalStrategy: "steps", evalSteps: 0.2, saveSteps: 4 },
    /^`loadBestModelAtEnd`: expected saveSteps to be a multiple of evalSteps, got 4 and 0\.2\.$/,
  ],
  [{ trainSamplingStrategy: "batch_rebalance" }, /^`trainSamplingStrategy`: expected one of random, sequential, gr/],
  [{ gradientAccumulationSteps: 0 }, /^`gradientAccumulationSteps`: expected a positive integer, got 0\.$/],
  [{ maxSteps: 0 }, /^`maxSteps`: expected a positive integer or -1, got 0\.$/],
  [{ saveTotalLimit: -1 }, /^`saveTotalLimit`: expected an integer of 0 or more, got -1\.$/],
  [{ warmupSteps: -1 }, /^`warmupSteps`: expected a number of 0 or more, got -1\.$/],
  [{ warmupRatio: 1 }, /^`warmupRatio`: expected a number in \[0, 1\), got 1\.$/],
  [{ labelSmoothingFactor: 1 }, /^`labelSmoothingFactor`: expected a number in \[0, 1\), got 1\.$/],
  [{ classWeights: [1, -1] }, /^`classWeights`: expected numbers of 0 or more, got \[ 1, -1 \]\.$/],
  [
    { classWeights: [1, 2], labelSmoothingFactor: 0.1 },
    /^`labelSmoothingFactor`: expected 0 beside classWeights, got 0\.1\.$/,
  ],
  [{ loraplusLrRatio: 0 }, /^`loraplusLrRatio`: expected a positive number, got 0\.$/],
  [{ seed: 1.5 }, /^`seed`: expected an integer, got 1\.5\.$/],
  [
    { labelNames: ["label"] },
    /^`labelNames`: expected \["labels"\]: with another name the evaluation would find no labels/,
  ],
  [
    { loadBestModelAtEnd: true, evalStrategy: "epoch" },
    /^`loadBestModelAtEnd`: expected evalStrategy and saveStrategy both "epoch" or both "steps", got "epoch" and "steps"/,
  ],
  [
    { loadBestModelAtEnd: true, evalStrategy: "steps", evalSteps: 3, saveSteps: 4 },
    /^`loadBestModelAtEnd`: expected saveSteps to be a multiple of evalSteps, got 4 and 3\.$/,
  ],
  [
    { learning_rate: 1 },
    /^`learning_rate`: expected an option of TrainingArguments, .*Did you mean `learningRate`\? It takes outputDir, .*perDeviceTrainBatchSize/,
  ],
];

for (const [options, message] of refused) {
  test(`${Object.entries(options)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(" with ")} is refused`, () => {
    assert.throws(() => resolveArguments({ outputDir: "out", ...options } as TrainingArguments), {
      name: "RangeError",
      message,
    });
  });
}
