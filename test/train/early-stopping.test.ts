import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrainingArguments } from "../../lib/train/arguments";
import { noteEvaluation } from "../../lib/train/best-metric";
import type { TrainerEvent, TrainerState } from "../../lib/train/callbacks";
import { newControl } from "../../lib/train/control";
import { EarlyStoppingCallback } from "../../lib/train/early-stopping";
import { resolveArguments } from "../../lib/train/resolve-arguments";

/** @returns after how many of the evaluations the callback ends the run */
function stopsAfter(
  callback: EarlyStoppingCallback,
  values: number[],
  options: Partial<TrainingArguments> = {},
): number | undefined {
  const args = resolveArguments({ outputDir: "x", evalStrategy: "epoch", metricForBestModel: "score", ...options });
  const state: TrainerState = {
    globalStep: 1,
    maxSteps: 9,
    epoch: 0,
    numTrainEpochs: 1,
    logHistory: [],
    tokensSeen: 0,
  };
  const event: TrainerEvent = { args, state, control: newControl() };
  callback.onTrainBegin(event);
  for (const [i, evalScore] of values.entries()) {
    state.logHistory.push({ step: i + 1, epoch: 0, evalScore });
    callback.onEvaluate({ ...event, metrics: { evalScore } });
    if (event.control.shouldTrainingStop) return i + 1;
    noteEvaluation(args, state, { evalScore });
  }
  return undefined;
}

test("a run ends after as many evaluations without improvement in a row as patience allows", () => {
  assert.equal(stopsAfter(new EarlyStoppingCallback(), [1, 2, 3, 3]), 4);
  assert.equal(stopsAfter(new EarlyStoppingCallback({ patience: 2 }), [1, 0, 2, 1, 1.5]), 5);
  assert.equal(stopsAfter(new EarlyStoppingCallback({ patience: 2 }), [1, 0, 2, 1, 3]), undefined);
  assert.equal(stopsAfter(new EarlyStoppingCallback(), [3, 2, 1, 1.5], { greaterIsBetter: false }), 4);
});

test("an improvement of no more than the threshold does not count", () => {
  assert.equal(stopsAfter(new EarlyStoppingCallback({ threshold: 0.25 }), [1, 1.5, 1.75]), 3);
});

test("a run whose evaluations give no number ends too: the first one has nothing to be better than", () => {
  const nan = Number.NaN;
  assert.equal(stopsAfter(new EarlyStoppingCallback(), [nan, nan]), 2);
  assert.equal(stopsAfter(new EarlyStoppingCallback({ patience: 2 }), [1, nan, nan]), 3);
});

test("what a checkpoint keeps makes a new callback go on from there", () => {
  const first = new EarlyStoppingCallback({ patience: 2 });
  stopsAfter(first, [1, 0]);
  const second = new EarlyStoppingCallback({ patience: 2 });
  second.loadState(JSON.parse(JSON.stringify(first.saveState())));
  assert.deepEqual(second.saveState(), { failures: 1 });
});

test("a run without metric or evaluations cannot be stopped early", () => {
  const message =
    /^RangeError: `EarlyStoppingCallback`: expected metricForBestModel and evalStrategy, got "" and "epoch"/;
  assert.throws(() => stopsAfter(new EarlyStoppingCallback(), [1], { metricForBestModel: "" }), message);
  assert.throws(() => stopsAfter(new EarlyStoppingCallback(), [1], { evalStrategy: "no" }), /got "score" and "no"/);
});
