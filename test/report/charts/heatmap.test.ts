import assert from "node:assert/strict";
import { test } from "node:test";
import { heatmap } from "../../../lib/report/charts/heatmap";
import { blended, type Colour, colourOf, contrast } from "../../support/contrast";

const figure = heatmap({
  title: "Accuracy",
  x: { title: "alpha", labels: ["8", "16", "32"] },
  y: { title: "rank", labels: ["4", "8"] },
  values: [
    [0.5, 0.75, undefined],
    [0.6, 0.7, 1],
  ],
  cells: [
    ["50 %", "75 %", ""],
    ["60 %", "70 %", "100 %"],
  ],
  text: "rank 8, alpha 32 is best",
});

test("the chart is plotly's heatmap, with both axes named and an empty cell left empty", () => {
  const [trace] = figure.plotly.data;
  assert.equal(trace?.type, "heatmap");
  assert.deepEqual(trace?.z, [
    [0.5, 0.75, null],
    [0.6, 0.7, 1],
  ]);
  assert.deepEqual([trace?.zmin, trace?.zmax], [0.5, 1]);
  const { xaxis, yaxis, annotations } = figure.plotly.layout as {
    xaxis: { title: { text: string }; ticktext: string[] };
    yaxis: { title: { text: string }; ticktext: string[] };
    annotations: { text: string }[];
  };
  assert.deepEqual([xaxis.title.text, yaxis.title.text], ["alpha", "rank"]);
  assert.deepEqual(
    [xaxis.ticktext, yaxis.ticktext],
    [
      ["8", "16", "32"],
      ["4", "8"],
    ],
  );
  assert.deepEqual(
    annotations.map(({ text }) => text),
    ["50 %", "75 %", "60 %", "70 %", "100 %"],
  );
});

test("the picture of a heatmap is drawn without a browser's canvas, and other values give another picture", async () => {
  const png = await figure.png();
  assert.equal(Buffer.from(png.subarray(1, 4)).toString(), "PNG");
  const options = {
    x: { title: "", labels: ["a", "b"] },
    y: { title: "", labels: ["a"] },
    cells: [["", ""]],
    text: "",
  };
  const draw = (values: number[]): Promise<Uint8Array> =>
    heatmap({ ...options, title: "", values: [values], range: [0, 1] }).png();
  assert.notDeepEqual(await draw([0, 1]), await draw([1, 0]));
});

test("a cell's text has a contrast of at least 4.5 on every colour", () => {
  const row = Array.from({ length: 101 }, (_, i) => i / 100);
  const axis = { title: "", labels: row.map(String) };
  const { plotly } = heatmap({
    title: "",
    x: axis,
    y: { title: "", labels: [""] },
    values: [row],
    cells: [],
    text: "",
  });
  const { annotations } = plotly.layout as { annotations: { font: { color: string } }[] };
  const [pale, dark] = (plotly.data as { colorscale: [number, string][] }[])
    .flatMap(({ colorscale }) => colorscale)
    .map(([, colour]) => colourOf(colour)) as [Colour, Colour];
  for (const [i, share] of row.entries()) {
    const ratio = contrast(colourOf(annotations[i]?.font.color ?? ""), blended(dark, share, pale));
    assert.ok(ratio >= 4.5, `at ${share}: ${ratio}`);
  }
});
