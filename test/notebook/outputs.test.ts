import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { currentHashes, originOf } from "../../scripts/notebook/belonging";
import { readNotebook, sourceOf } from "../../scripts/notebook/notebook";

const root = join(__dirname, "../..");
const notebooks = ["ethics", "explore", "sweep"].map((name) => {
  const notebook = readNotebook(join(root, `notebooks/${name}.ipynb`));
  return { name, notebook, code: notebook.cells.filter((cell) => cell.cell_type === "code") };
});

/** Cells that end in figures, by notebook. */
const FIGURES: Record<string, string[]> = {
  ethics: ["results"],
  explore: ["confusion", "lengths", "calibration"],
  sweep: ["heatmap", "compare"],
};

function outputsOf(name: string, tag: string): Record<string, unknown>[] {
  const code = notebooks.find((one) => one.name === name)?.code ?? [];
  return code.find((cell) => cell.metadata.tags?.includes(tag))?.outputs ?? [];
}

for (const { name, notebook, code } of notebooks) {
  test(`${name}: cells, library, data and outputs of the committed notebook belong together`, () => {
    const { cells, library, demo } = originOf(notebook) ?? {};
    assert.deepEqual(
      { cells, library, demo },
      currentHashes(root, notebook),
      "Run `npm run notebook` and commit the notebooks.",
    );
  });

  test(`${name}: every cell was run, in order, and none failed`, () => {
    assert.deepEqual(
      code.map((cell) => cell.execution_count),
      code.map((_, i) => i + 1),
    );
    const bad = code
      .flatMap((cell) => (cell.outputs ?? []).map((output) => ({ output, source: sourceOf(cell) })))
      .filter(({ output }) => output.output_type === "error" || output.name === "stderr");
    assert.deepEqual(bad, []);
  });

  test(`${name}: every figure carries a picture for viewers without plotly`, () => {
    for (const tag of FIGURES[name] ?? []) {
      const all = outputsOf(name, tag).map((output) => (output.data ?? {}) as Record<string, unknown>);
      const figures = all.filter((data) => "application/vnd.plotly.v1+json" in data);
      assert.ok(figures.length > 0, tag);
      for (const data of figures) assert.ok("image/png" in data && "text/plain" in data && !("text/html" in data), tag);
    }
  });

  test(`${name}: no output tells where it was made`, () => {
    assert.doesNotMatch(JSON.stringify(code.map((cell) => cell.outputs)), /\/(home|root|tmp|work|Users)\//);
  });
}

test("the training left one progress display with its results table, and what the optimizer held", () => {
  const [display, printed] = outputsOf("ethics", "train");
  const html = String(((display?.data ?? {}) as Record<string, string[]>)["text/html"]);
  for (const column of ["Epoch", "Training Loss", "Validation Loss", "Accuracy"]) assert.ok(html.includes(column));
  assert.match(String(printed?.text), /tensors with 8-bit state/);
  assert.equal(outputsOf("ethics", "train").length, 2);
});
