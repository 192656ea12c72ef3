import assert from "node:assert/strict";
import { test } from "node:test";
import { openOutput } from "../../../lib/report/progress/output";
import { SweepProgress, sweepHeatmap } from "../../../lib/report/progress/sweep-progress";
import type { ProgressView } from "../../../lib/report/progress/view";
import { progressHtml, progressLine } from "../../../lib/report/progress/view";
import type { RunMetrics } from "../../../lib/runs/metrics";
import { type GridPoint, gridPoints, type SweepGrid } from "../../../lib/sweep/parameters";
import { SweepResult, type SweepTrial } from "../../../lib/sweep/result";
import type { TrainerEvent } from "../../../lib/train/callbacks";
import { newControl } from "../../../lib/train/control";

function trialOf(point: object, accuracy: number): SweepTrial {
  const metrics = { final: { accuracy, loss: 1 - accuracy }, baseline: { accuracy: 0.6 }, trainSeconds: 2.4 };
  return { point, folder: "f", metrics: metrics as unknown as RunMetrics };
}

const grid = { rank: [4, 8], alpha: [8, 16, 32] };
const ACCURACIES = [0.7, 0.72, 0.74, 0.8, 0.9, 0.85];
const trials = gridPoints(grid).map(({ point }, i) => trialOf(point, ACCURACIES[i] as number));

test("the heatmap has a column for each alpha and a row for each rank", () => {
  const figure = sweepHeatmap(new SweepResult(grid, trials, false));
  const [trace] = figure.plotly.data;
  assert.deepEqual(trace?.z, [
    [0.7, 0.72, 0.74],
    [0.8, 0.9, 0.85],
  ]);
  assert.equal(figure.text, "Accuracy over rank and alpha\nbest: rank 8, alpha 16 with 90.0 %, 6 trials");
  const { xaxis, yaxis } = figure.plotly.layout as Record<string, { ticktext: string[] }>;
  assert.deepEqual(
    [xaxis?.ticktext, yaxis?.ticktext],
    [
      ["8", "16", "32"],
      ["4", "8"],
    ],
  );
});

test("axes can be chosen, a stopped sweep leaves cells empty, and of several trials at a place the best is shown", () => {
  const part = new SweepResult(grid, trials.slice(0, 4), true);
  assert.deepEqual(sweepHeatmap(part).plotly.data[0]?.z, [
    [0.7, 0.72, 0.74],
    [0.8, null, null],
  ]);
  assert.deepEqual(sweepHeatmap(part, { x: "rank", y: "alpha" }).plotly.data[0]?.z, [
    [0.7, 0.8],
    [0.72, null],
    [0.74, null],
  ]);
  assert.deepEqual(sweepHeatmap(part, { x: "rank", y: "rank" }).plotly.data[0]?.z, [[0.74, 0.8]]);
  assert.throws(() => sweepHeatmap(part, { x: "seed" }), /`seed`: expected one of the sweep's rank, alpha/);
});

test("the sources of model and data are shown above the sweep, escaped, and once in a terminal", (t) => {
  const views: ProgressView[] = [];
  const progress = new SweepProgress(() => ({ pauseMs: 0, draw: (view) => views.push(view) }));
  progress.onSweepBegin("model: the DEMO, as <b>\ndataset: mine");
  const [point] = gridPoints({ rank: [4] }) as [GridPoint];
  progress.onTrialBegin({ ...point, done: 0, total: 1 });
  const view = views[0] as ProgressView;
  assert.match(progressHtml(view), /rank 4<\/b>.*>model: the DEMO, as &lt;b&gt;<.*>dataset: mine<.*trial 0 of 1/s);

  const written: string[] = [];
  const write = t.mock.method(process.stdout, "write", (text: string) => written.push(text) > 0);
  const output = openOutput();
  output.draw(view, false);
  output.draw(view, true);
  write.mock.restore();
  const [first, second, ...lines] = written;
  assert.deepEqual([first, second, lines.length], ["model: the DEMO, as <b>\n", "dataset: mine\n", 2]);
});

test("a grid of one parameter is a single row", () => {
  const only: SweepGrid = { alpha: [8, 16] };
  const result = new SweepResult(only, [trialOf({ alpha: 8 }, 0.5), trialOf({ alpha: 16 }, 0.6)], false);
  assert.deepEqual(sweepHeatmap(result).plotly.data[0]?.z, [[0.5, 0.6]]);
});

test("a sweep is one display: trials with the time left, the training under way, the table with the best first", () => {
  const views: ProgressView[] = [];
  let opened = 0;
  const progress = new SweepProgress(() => {
    opened++;
    return { pauseMs: 0, draw: (view) => views.push(structuredClone(view)) };
  });
  const points = gridPoints({ rank: [4, 8] });
  const event = (step: number): TrainerEvent => ({
    args: {} as TrainerEvent["args"],
    state: { globalStep: step, maxSteps: 10, epoch: 0, numTrainEpochs: 1, logHistory: [], tokensSeen: 0 },
    control: newControl(),
  });
  for (const [done, point] of points.entries()) {
    progress.onTrialBegin({ ...point, done, total: 2 });
    void progress.trainer.onTrainBegin?.(event(0));
    void progress.trainer.onStepEnd?.(event(5));
    const ended = points.slice(0, done + 1).map(({ point }, i) => trialOf(point, 0.7 + 0.1 * i));
    progress.onTrialEnd(ended.at(-1) as SweepTrial, false, () => new SweepResult({ rank: [4, 8] }, ended, true));
  }
  const all = points.map(({ point }, i) => trialOf(point, 0.7 + 0.1 * i));
  progress.onSweepEnd(new SweepResult({ rank: [4, 8] }, all, false));
  assert.equal(opened, 1);
  const middle = views.find(({ trials, steps }) => trials?.done === 1.5 && steps?.done === 5);
  assert.equal(middle?.title, "Sweep: rank 8");
  assert.match(
    progressLine(middle as ProgressView),
    /^Sweep: rank 8 · trial 1 of 2 \(75 %, 0:00 left\) · step 5 of 10 \(50 %\)$/,
  );
  assert.deepEqual(middle?.table, {
    columns: ["rank", "accuracy", "loss"],
    rows: [[4, 0.7, 1 - 0.7]],
    caption: "2 trial-seconds",
  });
  const last = views.at(-1) as ProgressView;
  assert.equal(last.title, "Sweep done");
  assert.deepEqual(
    last.table?.rows.map(([rank]) => rank),
    [8, 4],
  );
  assert.match(progressHtml(last), /<\/progress> trial 2 of 2 \(100 %\).*<th scope="col">accuracy<\/th>/s);
});
