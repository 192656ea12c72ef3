import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogLine } from "../../lib/runs/log";
import { RunProgress } from "../../scripts/notebook/watch";

/** A line of the log as it is read: figures that are not numbers have become null. */
const logLine = (line: object): LogLine => JSON.parse(JSON.stringify(line)) as LogLine;

test("the progress line tells the cell, the step, the loss and the time left", () => {
  const progress = new RunProgress();
  progress.cell({ cell: 18, of: 26, heading: "Train" });
  assert.equal(progress.line, "cell 18 of 26: Train");
  const step = { event: "step", maxSteps: 100 };
  progress.log(logLine({ ...step, time: 0, step: 1, tokens: 40, loss: 0.75, learningRate: 1e-3, gradNorm: 2 }));
  const memory = { rssBytes: 9e8, tensors: 49 };
  for (const loss of [0.75, 0.5]) progress.log(logLine({ time: 5, event: "log", logs: { loss }, memory }));
  progress.log(logLine({ ...step, time: 9000, step: 10, tokens: 4540, gradNorm: 0.25 }));
  assert.deepEqual(progress.line.split(" · "), [
    "cell 18 of 26: Train",
    "step 10 of 100 (10 %, 1:30 left)",
    "500 tokens/s",
    "loss 0.7500",
    // 0.2 · 0.8 · 0.75 + 0.2 · 0.5, over the weights 0.2 · 0.8 + 0.2
    "smoothed 0.6111",
    "learning rate 1.00e-3",
    "gradient norm 0.25",
    "memory 900 MB, 49 tensors",
  ]);
  const kept = progress.log(
    logLine({ time: 9500, event: "evaluate", step: 100, metrics: { evalLoss: 0.5, evalAccuracy: 0.9 } }),
  );
  assert.equal(kept, "evaluation after step 100: loss 0.5000, accuracy 90.0 %");
});

test("a figure that is not a number is said to be none, and does not enter the smoothed loss", () => {
  const progress = new RunProgress();
  const step = { time: 0, event: "step", maxSteps: 100, tokens: 40 };
  progress.log(logLine({ ...step, step: 1, loss: 0.5, gradNorm: 2, learningRate: 1e-3 }));
  for (const loss of [0.5, Number.NaN]) progress.log(logLine({ time: 0, event: "log", logs: { loss } }));
  progress.log(logLine({ ...step, step: 2, loss: Number.NaN, gradNorm: Number.NaN }));
  assert.deepEqual(progress.line.split(" · ").slice(1), [
    "loss not a number",
    "smoothed 0.5000",
    "learning rate 1.00e-3",
    "gradient norm not a number",
  ]);
  const evaluated = { time: 0, event: "evaluate", step: 2, metrics: { evalLoss: Number.NaN, evalAccuracy: 0.5 } };
  const kept = progress.log(logLine(evaluated));
  assert.equal(kept, "evaluation after step 2: loss not a number, accuracy 50.0 %");
});
