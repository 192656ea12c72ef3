import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluationKey, noteEvaluation } from "../../lib/train/best-metric";
import type { TrainerState } from "../../lib/train/callbacks";
import { resolveArguments } from "../../lib/train/resolve-arguments";

test("a metric is known by its own name and by that of the evaluation, in Python's form too", () => {
  const names = ["loss", "evalLoss", "eval_loss", "macro_f1", "evaluationTime"];
  assert.deepEqual(names.map(evaluationKey), ["evalLoss", "evalLoss", "evalLoss", "evalMacroF1", "evalEvaluationTime"]);
});

test("only a strictly better value replaces the best one, and a value that is no number never does", () => {
  const args = resolveArguments({ outputDir: "x", metricForBestModel: "accuracy" });
  const state: TrainerState = {
    globalStep: 0,
    maxSteps: 9,
    epoch: 0,
    numTrainEpochs: 1,
    logHistory: [],
    tokensSeen: 0,
  };
  const best = [Number.NaN, 0.5, 0.5, 0.4, 0.7].map((evalAccuracy) => {
    state.globalStep++;
    noteEvaluation(args, state, { evalAccuracy });
    return [state.bestMetric, state.bestGlobalStep];
  });
  assert.deepEqual(best, [
    [undefined, undefined],
    [0.5, 2],
    [0.5, 2],
    [0.5, 2],
    [0.7, 5],
  ]);
  assert.throws(() => noteEvaluation(args, state, { evalLoss: 1 }), {
    message: "`metricForBestModel`: expected one of evalLoss; got accuracy.",
  });
});
