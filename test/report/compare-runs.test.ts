import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { compareRuns, type KeptRun, RunComparison } from "../../lib/report/compare-runs";
import { tableOf } from "../../lib/report/tables/show";
import { tableHtml } from "../../lib/report/tables/table";
import { temporaryFolder } from "../support/folders";

function writeRun(folder: string, metrics: Record<string, unknown>, log: string[] = []): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "metrics.json"), JSON.stringify(metrics));
  writeFileSync(join(folder, "log.jsonl"), log.join("\n"));
}

const settings = { model: "m", dataset: "d", dropout: 0, targetModules: ["query", "value"], trainSeconds: 12.3 };
const metricsOf = (rank: number, accuracy: number, loss = 0.5): Record<string, unknown> => ({
  ...settings,
  rank,
  alpha: 8,
  seed: rank,
  baseline: { loss: 0.7, accuracy: 0.6 },
  final: { loss, accuracy },
});
const logged = (logs: Record<string, unknown>): string => JSON.stringify({ event: "log", time: 1, logs });

/** A folder with two runs, a trial of a sweep, and what else may lie there. */
function folderOfRuns(): string {
  const folder = temporaryFolder();
  writeRun(join(folder, "first"), metricsOf(8, 0.8), [
    JSON.stringify({ event: "run", parameters: {} }),
    logged({ step: 10, epoch: 0.5, loss: 0.9 }),
    logged({ step: 10, epoch: 0.5, loss: 0.7 }),
    logged({ step: 20, epoch: 1, loss: 0.4 }),
    logged({ step: 20, epoch: 1, evalLoss: 0.5, evalAccuracy: 0.8 }),
    '{"event": "log", "logs": {"step": 30, "lo',
  ]);
  writeRun(join(folder, "second"), metricsOf(16, 0.8, 0.4));
  writeRun(join(folder, "sweep", "rank-4"), metricsOf(4, 0.9));
  mkdirSync(join(folder, "holiday-pictures"));
  writeFileSync(join(folder, "notes.txt"), "");
  mkdirSync(join(folder, "cut-off"));
  writeFileSync(join(folder, "cut-off", "log.jsonl"), "");
  mkdirSync(join(folder, "half"));
  writeFileSync(join(folder, "half", "metrics.json"), '{"rank": 8, "fin');
  writeRun(join(folder, "foreign"), { accuracy: 1 });
  return folder;
}

test("runs are rows, sorted by accuracy and then by loss, with the settings in which they differ", () => {
  const { rows } = compareRuns(folderOfRuns());
  assert.deepEqual(
    rows.map(({ run, accuracy, loss, rank, seed }) => [run, accuracy, loss, rank, seed]),
    [
      [join("sweep", "rank-4"), 0.9, 0.5, 4, 4],
      ["second", 0.8, 0.4, 16, 16],
      ["first", 0.8, 0.5, 8, 8],
    ],
  );
  assert.deepEqual(Object.keys(rows[0] ?? {}), [
    "run",
    "accuracy",
    "before",
    "loss",
    "rank",
    "alpha",
    "seed",
    "trainable",
    "seconds",
  ]);
});

test("half-written, foreign and unfinished runs are listed as skipped, and other folders are ignored", () => {
  const { skipped } = compareRuns(folderOfRuns());
  assert.deepEqual(skipped.map(({ folder }) => folder).sort(), ["cut-off", "foreign", "half"]);
  const reasons = Object.fromEntries(skipped.map(({ folder, reason }) => [folder, reason]));
  assert.match(reasons["cut-off"] ?? "", /not finished/);
  assert.match(reasons.half ?? "", /expected a JSON file/);
  assert.match(reasons.foreign ?? "", /no final accuracy/);
});

test("the comparison is a table here, a DataFrame there, and text in a terminal", () => {
  const comparison = compareRuns(folderOfRuns());
  assert.deepEqual(tableOf(comparison)?.rows.length, 3);
  const frame = comparison.toDataFrame();
  assert.deepEqual(frame.shape, [3, 9]);
  assert.match(inspect(comparison), /rank-4 .*\n.*\n.*\nnot compared: cut-off, not finished/);
});

test("skipped folders are listed above the table, below a caption or the note that rows were left out", () => {
  const comparison = compareRuns(folderOfRuns());
  const skipped = comparison.notes.join("\n");
  assert.match(skipped, /^not compared: cut-off, not finished.*\nnot compared: foreign, .*\nnot compared: half, /);
  assert.equal(tableOf(comparison)?.caption, skipped);
  assert.equal(tableOf(comparison, { rows: 2 })?.caption, `first 2 of 3 rows\n${skipped}`);
  const table = tableOf(comparison, { caption: "My runs" });
  assert.equal(table?.caption, `My runs\n${skipped}`);
  assert.ok(table && tableHtml(table).includes("My runs<br>not compared: cut-off"));
});

test("at most fifty runs are shown by default", () => {
  const runs = compareRuns(folderOfRuns()).runs;
  const many = new RunComparison(
    Array.from({ length: 60 }, () => runs[0] as KeptRun),
    [],
  );
  assert.deepEqual([tableOf(many)?.rows.length, tableOf(many)?.caption], [50, "first 50 of 60 rows"]);
});

test("without a finished run there is a sentence and the skipped folders instead of a table", () => {
  const folder = temporaryFolder();
  assert.equal(tableOf(compareRuns(folder)), undefined);
  assert.equal(inspect(compareRuns(folder)), "No finished run to compare.");
  writeRun(join(folder, "foreign"), { accuracy: 1 });
  assert.match(inspect(compareRuns(folder)), /^No finished run to compare\.\nnot compared: foreign, /);
});

test("the curves of all runs are overlaid, the best first; of a step that was repeated the last counts", async () => {
  const figure = compareRuns(folderOfRuns()).curves();
  const traces = figure.plotly.data.filter(({ name }) => name === "first");
  assert.deepEqual(
    traces.map(({ x }) => x),
    [
      [10, 20],
      [0, 20],
    ],
  );
  // Losses 0.7 and 0.4, smoothed with weights 0.8 · 0.2 and 0.2; accuracy 0.6 before training.
  const [first = 0, second = 0] = (traces[0]?.y ?? []) as number[];
  assert.ok(Math.abs(first - 0.7) < 1e-9 && Math.abs(second - (0.16 * 0.7 + 0.2 * 0.4) / 0.36) < 1e-9);
  assert.deepEqual(traces[1]?.y, [0.6, 0.8]);
  assert.deepEqual(
    [...new Set(figure.plotly.data.map(({ name }) => name))],
    [join("sweep", "rank-4"), "second", "first"],
  );
  assert.match(figure.text, /first: accuracy 80\.0 %, training loss 0\.700 to 0\.533/);
  assert.equal(Buffer.from((await figure.png()).subarray(1, 4)).toString(), "PNG");
});

test("a run is compared with the sweep inside of it, and its checkpoints are no runs", () => {
  const folder = temporaryFolder();
  writeRun(folder, metricsOf(8, 0.8));
  writeRun(join(folder, "sweep", "rank-4"), metricsOf(4, 0.7));
  writeRun(join(folder, "checkpoints", "checkpoint-5"), metricsOf(4, 0.7));
  assert.deepEqual(
    compareRuns(folder).runs.map(({ name }) => name),
    [basename(folder), join("sweep", "rank-4")],
  );
});

test("an empty folder has nothing to compare, a missing one is an error with the remedy", async () => {
  const empty = compareRuns(temporaryFolder());
  assert.deepEqual([empty.rows, empty.skipped], [[], []]);
  assert.deepEqual(empty.toDataFrame().columns, ["run"]);
  assert.equal(empty.curves().text, "No run to draw.");
  assert.throws(() => compareRuns("/nowhere/at/all"), /expected a folder with runs, got none\. `npm start` makes one/);
});
