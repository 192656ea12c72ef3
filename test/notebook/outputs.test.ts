import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { currentHashes, originOf } from "../../scripts/notebook/belonging";
import { readNotebook, sourceOf } from "../../scripts/notebook/notebook";

const root = join(__dirname, "../..");
const notebook = readNotebook(join(root, "notebooks/ethics.ipynb"));
const code = notebook.cells.filter((cell) => cell.cell_type === "code");

/** Cells that end in a figure. */
const FIGURES = ["before-after", "curves", "confusion", "lengths", "calibration", "heatmap", "compare"];

function outputsOf(tag: string): Record<string, unknown>[] {
  return code.find((cell) => cell.metadata.tags?.includes(tag))?.outputs ?? [];
}

test("cells, library, data and outputs of the committed notebook belong together", () => {
  const { cells, library, demo } = originOf(notebook) ?? {};
  assert.deepEqual(
    { cells, library, demo },
    currentHashes(root, notebook),
    "Run `npm run notebook` and commit notebooks/ethics.ipynb.",
  );
});

test("every cell was run, in order, and none failed", () => {
  assert.deepEqual(
    code.map((cell) => cell.execution_count),
    code.map((_, i) => i + 1),
  );
  const bad = code
    .flatMap((cell) => (cell.outputs ?? []).map((output) => ({ output, source: sourceOf(cell) })))
    .filter(({ output }) => output.output_type === "error" || output.name === "stderr");
  assert.deepEqual(bad, []);
});

test("every figure carries a picture for viewers without plotly", () => {
  const figures = FIGURES.map((tag) => {
    const all = outputsOf(tag).map((output) => (output.data ?? {}) as Record<string, unknown>);
    return all.find((data) => "application/vnd.plotly.v1+json" in data) ?? {};
  });
  for (const data of figures) assert.ok("image/png" in data && "text/plain" in data && !("text/html" in data));
});

test("the training left one progress display with its results table, and what the optimizer held", () => {
  const [display, printed] = outputsOf("train");
  const html = String(((display?.data ?? {}) as Record<string, string[]>)["text/html"]);
  for (const column of ["Epoch", "Training Loss", "Validation Loss", "Accuracy"]) assert.ok(html.includes(column));
  assert.match(String(printed?.text), /tensors with 8-bit state/);
  assert.equal(outputsOf("train").length, 2);
});

test("no output tells where it was made", () => {
  assert.doesNotMatch(JSON.stringify(code.map((cell) => cell.outputs)), /\/(home|root|tmp|work|Users)\//);
});
