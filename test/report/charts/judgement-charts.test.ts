import assert from "node:assert/strict";
import { test } from "node:test";
import { confusionChart, lengthBars, reliabilityCurve } from "../../../lib/report/charts/judgement-charts";

test("the confusion matrix shows counts and shares of each right label", () => {
  const figure = confusionChart(
    [
      [30, 10],
      [5, 15],
    ],
    ["bad", "good"],
  );
  const [trace] = figure.plotly.data;
  assert.deepEqual(trace?.z, [
    [0.75, 0.25],
    [0.25, 0.75],
  ]);
  assert.deepEqual(trace?.text, [
    ["30<br>75.0 %", "10<br>25.0 %"],
    ["5<br>25.0 %", "15<br>75.0 %"],
  ]);
  assert.equal(
    figure.text,
    "What was right, and what the model said\nright bad: 30 called bad, 10 called good\nright good: 5 called bad, 15 called good",
  );
});

test("a label that never occurs is a row of zeros", () => {
  assert.deepEqual(
    confusionChart(
      [
        [0, 0],
        [1, 1],
      ],
      ["a", "b"],
    ).plotly.data[0]?.z,
    [
      [0, 0],
      [0.5, 0.5],
    ],
  );
});

test("lengths are bars with the number of texts, and a class without texts is left out", () => {
  const figure = lengthBars(
    [
      { from: 1, to: 200, rows: 1704, accuracy: 0.75 },
      { from: 201, to: 400, rows: 0, accuracy: Number.NaN },
      { from: 401, to: Number.POSITIVE_INFINITY, rows: 20, accuracy: 0.5 },
    ],
    "characters",
  );
  assert.deepEqual(figure.plotly.data[0]?.x, ["up to 200", "401 and more"]);
  assert.deepEqual(figure.plotly.data[0]?.y, [0.75, 0.5]);
  assert.equal(figure.text.split("\n")[1], "up to 200 characters: 75.0 % of 1,704 texts");
});

test("the reliability curve has a point for each bin, its error in the title, and says which way it errs", async () => {
  const figure = reliabilityCurve({
    bins: [
      { from: 0.6, to: 0.7, rows: 10, confidence: 0.65, accuracy: 0.5 },
      { from: 0.9, to: 1, rows: 40, confidence: 0.95, accuracy: 0.9 },
    ],
    expectedCalibrationError: 0.07,
    overconfidence: 0.07,
  });
  const [even, curve] = figure.plotly.data;
  assert.deepEqual(even?.x, even?.y);
  assert.deepEqual(
    [curve?.x, curve?.y],
    [
      [0.65, 0.95],
      [0.5, 0.9],
    ],
  );
  assert.match(figure.text, /^How sure and how right: expected calibration error 7\.0 %, 7\.0 % too sure of itself/);
  assert.equal(Buffer.from((await figure.png()).subarray(1, 4)).toString(), "PNG");
});
