import assert from "node:assert/strict";
import { test } from "node:test";
import { beforeAfterBars } from "../../../lib/report/charts/bars";
import { trainingCurves } from "../../../lib/report/charts/curves";
import type { Figure } from "../../../lib/report/charts/figure";
import { lengthBars, reliabilityCurve } from "../../../lib/report/charts/judgement-charts";
import { overlaidCurves } from "../../../lib/report/charts/overlaid-curves";
import { getBBox, getBoundingClientRect } from "../../../lib/report/charts/text-box";
import type { LogEntry } from "../../../lib/train/callbacks";
import { colourOf, contrast } from "../../support/contrast";

const log: LogEntry[] = [
  ...[25, 50, 75].map((step) => ({ step, epoch: step / 75, loss: 1 / step, gradNorm: 2, learningRate: 1e-3 })),
  { step: 75, epoch: 1, evalLoss: 0.4, evalAccuracy: 0.9 },
];

function axisTitles(figure: Figure): string[] {
  const axes = Object.entries(figure.plotly.layout).filter(([name]) => /^[xy]axis/.test(name));
  return axes.map(([, axis]) => (axis as { title: { text: string } }).title.text);
}

test("the curves show loss, accuracy, learning rate and gradient norm, every axis with its title", () => {
  const figure = trainingCurves(log, { baseline: { loss: 0.9, accuracy: 0.6 } });
  const series = Object.fromEntries(figure.plotly.data.map((trace) => [trace.name, [trace.x, trace.y]]));
  assert.deepEqual(series["training loss"], [
    [25, 50, 75],
    [1 / 25, 1 / 50, 1 / 75],
  ]);
  assert.deepEqual(series["evaluation accuracy"], [
    [0, 75],
    [0.6, 0.9],
  ]);
  assert.deepEqual(series["gradient norm"], [
    [25, 50, 75],
    [2, 2, 2],
  ]);
  assert.deepEqual(axisTitles(figure).sort(), [
    "L2 norm",
    "accuracy (%)",
    "learning rate",
    "loss (nats)",
    ...Array.from({ length: 4 }, () => "training step"),
  ]);
});

test("a figure is one bundle of plotly JSON, a picture of its size, and text", async () => {
  const figure = beforeAfterBars([{ split: "test", before: 0.62, after: 0.91 }]);
  const { data, metadata } = await figure.bundle();
  assert.deepEqual(Object.keys(data), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  const lines = ["Accuracy before and after training", "test: 62.0 % before, 91.0 % after"];
  assert.equal(data["text/plain"], lines.join("\n"));
  const png = Buffer.from(String(data["image/png"]), "base64");
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [figure.width, figure.height]);
  assert.deepEqual(metadata, {
    "image/png": { width: figure.width, height: figure.height, alt: lines.join("; ") },
  });
  assert.doesNotThrow(() => JSON.stringify(data));
});

/** All values that a figure has under a name, with the name of what holds each. */
function valuesNamed(name: string, value: unknown, holder = ""): { holder: string; value: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === name && typeof inner === "string"
      ? [{ holder, value: inner }]
      : valuesNamed(name, inner, Array.isArray(value) ? holder : key),
  );
}

test("texts have a contrast of 4.5 or more to the figure's own paper, lines and marks one of 3: readable in both themes", () => {
  const classes = [{ from: 1, to: Number.POSITIVE_INFINITY, rows: 2, accuracy: 0.5 }];
  const bins = [{ from: 0.5, to: 1, rows: 10, confidence: 0.8, accuracy: 0.7 }];
  const runs = Array.from({ length: 12 }, (_, i) => ({ name: `run ${i}`, metrics: { final: { accuracy: 0.5 } }, log }));
  const figures = [
    trainingCurves(log, { baseline: { loss: 0.9, accuracy: 0.6 } }),
    beforeAfterBars([{ split: "test", before: 0.62, after: 0.91 }]),
    lengthBars(classes, "characters"),
    reliabilityCurve({ bins, expectedCalibrationError: 0.1, overconfidence: 0.1 }),
    overlaidCurves(runs),
  ];
  for (const { plotly, text } of figures) {
    const paper = colourOf(String(plotly.layout.paper_bgcolor));
    assert.equal(plotly.layout.plot_bgcolor, plotly.layout.paper_bgcolor);
    const colours = valuesNamed("color", plotly);
    assert.ok(colours.some(({ holder }) => holder === "font") && colours.some(({ holder }) => holder === "marker"));
    for (const { holder, value } of colours) {
      const ratio = contrast(colourOf(value), paper);
      assert.ok(ratio >= (holder === "font" ? 4.5 : 3), `${text}: ${holder} ${value} has ${ratio}`);
    }
  }
});

test("the same figure gives the same picture", async () => {
  const draw = async (): Promise<string> => Buffer.from(await trainingCurves(log).png()).toString("base64");
  assert.equal(await draw(), await draw());
});

test("the text of a figure has the first and the last value of each curve", () => {
  assert.deepEqual(
    trainingCurves(log, { baseline: { loss: 0.9, accuracy: 0.6 } })
      .text.split("\n")
      .slice(0, 4),
    [
      "Loss, accuracy, learning rate and gradient norm over the training steps",
      "training loss: 0.04000 at step 25, 0.01333 at step 75",
      "evaluation loss: 0.9000 at step 0, 0.4000 at step 75",
      "evaluation accuracy: 60.0 % at step 0, 90.0 % at step 75",
    ],
  );
});

test("an empty log gives a figure that says so", () => {
  assert.equal(trainingCurves([]).text, "No training step was logged.");
});

test("the box of a text follows its size, anchor, place and rotation", () => {
  const element = (attributes: Record<string, string>, text: string, parent: object | null = null): never =>
    ({
      tagName: "text",
      textContent: text,
      parentElement: parent,
      getAttribute: (name: string) => attributes[name] ?? null,
      querySelectorAll: () => [],
    }) as never;
  const middle = element({ style: "font-size: 10px; text-anchor: middle", x: "100", y: "20" }, "abcde");
  const { left, right, height } = getBBox.call(middle);
  assert.deepEqual([left, right, height], [85, 115, 12]);
  const turned = element({ style: "font-size: 10px", transform: "translate(50,0) rotate(90,0,0)" }, "abcde");
  const page = getBoundingClientRect.call(turned);
  assert.deepEqual([Math.round(page.width), Math.round(page.height)], [12, 30]);
  assert.equal(Math.round(page.left), 48);
});
