import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ProgressCallback } from "../../../lib/report/progress/progress";
import { type ProgressView, progressHtml, progressLine } from "../../../lib/report/progress/view";
import { JsonlLogCallback } from "../../../lib/runs/log-callback";
import type { MemoryUse } from "../../../lib/tensor/device";
import type { TrainerCallback, TrainerEvent, TrainerState } from "../../../lib/train/callbacks";
import { newControl } from "../../../lib/train/control";
import { temporaryFolder } from "../../support/folders";

function eventAt(step: number, extra: Partial<TrainerEvent> = {}): TrainerEvent {
  const state: TrainerState = {
    globalStep: step,
    maxSteps: 20,
    epoch: step / 20,
    numTrainEpochs: 1,
    logHistory: [],
    tokensSeen: 100 * step,
  };
  return { args: {} as TrainerEvent["args"], state, control: newControl(), ...extra };
}

const values = { loss: 0.5, gradNorm: 2, learningRate: 1e-3, tokens: 100, seconds: 0.01 };

async function playTraining(callback: TrainerCallback): Promise<void> {
  await callback.onTrainBegin?.(eventAt(0));
  for (let step = 1; step <= 20; step++) {
    await callback.onStepEnd?.(eventAt(step, step % 5 === 0 ? { step: values } : {}));
    if (step % 5 === 0) await callback.onLog?.(eventAt(step, { logs: { step, epoch: step / 20, loss: 1 / step } }));
  }
  await callback.onPredictionStep?.(eventAt(20, { prediction: { done: 4, total: 8 } }));
  await callback.onPredictionStep?.(eventAt(20, { prediction: { done: 8, total: 8 } }));
  await callback.onEvaluate?.(eventAt(20, { metrics: { evalLoss: 0.25, evalAccuracy: 0.9 } }));
  await callback.onTrainEnd?.(eventAt(20));
}

function recorder(): { callback: ProgressCallback; views: ProgressView[]; opened: () => number } {
  const views: ProgressView[] = [];
  let opened = 0;
  const callback = new ProgressCallback(
    () => {
      opened++;
      return { pauseMs: 0, draw: (view) => views.push(structuredClone(view)) };
    },
    () => ({ rssBytes: 812e6, tensors: 1143 }),
  );
  return { callback, views, opened: () => opened };
}

test("training is one display that ends with the results table", async () => {
  const { callback, views, opened } = recorder();
  await playTraining(callback);
  assert.equal(opened(), 1);
  assert.ok(views.length > 20);
  const last = views.at(-1);
  assert.deepEqual(last?.table, {
    columns: ["Epoch", "Training Loss", "Validation Loss", "Accuracy"],
    rows: [[1, 0.05, 0.25, 0.9]],
  });
  assert.equal(last?.title, "Training done");
  assert.equal(last?.rows, undefined);
  assert.ok(views.some((view) => view.rows?.done === 4 && view.steps?.done === 20));
});

test("HTML in a title or in facts is escaped", () => {
  const html = progressHtml({ title: "Sweep: model <b>a</b>", facts: ["<i>1</i>", "2 & 3"] });
  assert.match(html, /<b>Sweep: model &lt;b&gt;a&lt;\/b&gt;<\/b>/);
  assert.match(html, /&lt;i&gt;1&lt;\/i&gt; · 2 &amp; 3/);
});

test("an evaluation alone is a display of its own with loss and accuracy", async () => {
  const { callback, views, opened } = recorder();
  for (let i = 0; i < 2; i++) {
    await callback.onPredictionStep?.(eventAt(0, { prediction: { done: 8, total: 8 } }));
    await callback.onEvaluate?.(eventAt(0, { metrics: { evalLoss: 0.7, evalAccuracy: 0.6 } }));
  }
  assert.equal(opened(), 2);
  assert.deepEqual(views.at(-1)?.table, { columns: ["Validation Loss", "Accuracy"], rows: [[0.7, 0.6]] });
  assert.match(progressHtml(views.at(-1) as ProgressView), /Validation Loss.*Accuracy.*0\.7000.*0\.6000/s);
  assert.doesNotMatch(progressHtml(views.at(-1) as ProgressView), /Epoch/);
});

test("drawings are not made more often than the output's pause allows, except the last one", async () => {
  const views: ProgressView[] = [];
  const callback = new ProgressCallback(() => ({ pauseMs: 60_000, draw: (view) => views.push(structuredClone(view)) }));
  await playTraining(callback);
  assert.ok(views.length <= 5);
  assert.equal(views.at(-1)?.title, "Training done");
});

test("while it trains, the facts are speed, loss now and smoothed, rate, gradient norm, memory and tensors", async () => {
  const { callback, views } = recorder();
  await playTraining(callback);
  const facts = views.find((view) => view.steps?.done === 11)?.facts ?? [];
  assert.match(facts[1] ?? "", /^[\d,]+ tokens\/s$/);
  // Logged were 1/5 and 1/10: smoothed, with weights 0.8 · 0.2 and 0.2, that is (0.16 · 0.2 + 0.2 · 0.1) / 0.36.
  assert.deepEqual(
    [facts[0], ...facts.slice(2)],
    [
      "epoch 0.55 of 1",
      "loss 0.5000",
      "smoothed 0.1444",
      "learning rate 1.00e-3",
      "gradient norm 2.00",
      "memory 812 MB, 1,143 tensors",
    ],
  );
});

test("the curve grows with each log entry and evaluation", async () => {
  const { callback, views } = recorder();
  await playTraining(callback);
  const curve = views.at(-1)?.curve;
  assert.deepEqual(
    curve?.loss,
    [5, 10, 15, 20].map((step) => ({ step, value: 1 / step })),
  );
  assert.equal(curve?.smoothed.length, 4);
  assert.equal(curve?.maxSteps, 20);
});

test("a resumed training shows the results and the curve of the part before", async () => {
  const { callback, views } = recorder();
  const event = eventAt(10);
  event.state.logHistory.push(
    { step: 5, epoch: 0.25, loss: 0.5, gradNorm: 3, learningRate: 1e-4 },
    { step: 10, epoch: 0.5, evalLoss: 0.4, evalAccuracy: 0.7 },
  );
  await callback.onTrainBegin?.(event);
  assert.deepEqual(views[0]?.table?.rows, [[0.5, 0.5, 0.4, 0.7]]);
  assert.deepEqual(views[0]?.curve?.loss, [{ step: 5, value: 0.5 }]);
  assert.deepEqual(views[0]?.curve?.evaluations, [{ step: 10, value: 0.4 }]);
});

test("a slow display is drawn less often: drawing takes no more than its share of the time", async () => {
  let drawn = 0;
  const slow = (): void => {
    drawn++;
    for (const end = performance.now() + 20; performance.now() < end; );
  };
  const callback = new ProgressCallback(
    () => ({ pauseMs: 0, share: 0.02, draw: slow }),
    () => ({ rssBytes: 0, tensors: 0 }),
  );
  await callback.onTrainBegin?.(eventAt(0));
  const started = performance.now();
  for (let step = 1; performance.now() - started < 300; step++) await callback.onStepEnd?.(eventAt(step));
  // The first drawing took 20 ms, so the next may come a second later.
  assert.equal(drawn, 1);
});

test("an evaluation after one that was stopped is a display of its own", async () => {
  const { callback, views, opened } = recorder();
  await callback.onPredictionStep?.(eventAt(0, { prediction: { done: 4, total: 8 } }));
  await callback.onPredictionStep?.(eventAt(0, { prediction: { done: 4, total: 8 } }));
  await callback.onPredictionStep?.(eventAt(0, { prediction: { done: 8, total: 8 } }));
  assert.equal(opened(), 2);
  assert.equal(views.at(-1)?.title, "Evaluation done");
});

test("a training that was stopped early says so", async () => {
  const { callback, views } = recorder();
  await callback.onTrainBegin?.(eventAt(0));
  await callback.onStepEnd?.(eventAt(3));
  await callback.onTrainEnd?.(eventAt(3));
  assert.equal(views.at(-1)?.title, "Training stopped");
});

test("the line for a terminal tells count, share, time left and facts", () => {
  const line = progressLine({
    title: "Training",
    steps: { done: 30, total: 120, secondsLeft: 61 },
    facts: ["loss 0.5000"],
  });
  assert.equal(line, "Training · step 30 of 120 (25 %, 1:01 left) · loss 0.5000");
});

test("every event of a training is a line of JSON", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "run", "log.jsonl");
  await playTraining(new JsonlLogCallback(path));
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const events = lines.map((line) => line.event);
  assert.deepEqual([events[0], events.at(-1)], ["trainBegin", "trainEnd"]);
  assert.equal(events.filter((event) => event === "step").length, 20);
  assert.deepEqual(lines.find((line) => line.event === "evaluate")?.metrics, { evalLoss: 0.25, evalAccuracy: 0.9 });
  assert.equal(lines.find((line) => line.loss !== undefined)?.tokens, 500);
  const memory = lines.find((line) => line.event === "log")?.memory as MemoryUse;
  assert.ok(memory.rssBytes > 1e6 && memory.peakRssBytes >= memory.rssBytes / 2 && memory.tensors >= 0);
});
