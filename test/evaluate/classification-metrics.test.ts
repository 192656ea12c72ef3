import assert from "node:assert/strict";
import { test } from "node:test";
import { accuracyByLength, confusionMatrix, labelScores, macroScores } from "../../lib/evaluate/classification-metrics";
import { accuracy } from "../../lib/evaluate/metrics";
import { assertClose, readFixture } from "../support/golden";
import { logitsChoosing } from "../support/predictions";

interface Answers {
  labels: number[];
  predicted: number[];
  count: number;
  accuracy: number;
  matrix: number[][];
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  macro: { precision: number; recall: number; f1: number };
}

for (const [name, answers] of Object.entries(readFixture<Record<string, Answers>>("metrics.json"))) {
  test(`the figures of ${name} are scikit-learn's`, () => {
    const prediction = { predictions: logitsChoosing(answers.predicted, answers.count), labels: answers.labels };
    assert.deepEqual(confusionMatrix(prediction), answers.matrix);
    assertClose(accuracy(prediction), answers.accuracy, { absolute: 1e-12 });
    const scores = labelScores(prediction);
    for (const figure of ["precision", "recall", "f1", "support"] as const) {
      assertClose(
        scores.map((each) => each[figure]),
        answers[figure],
        { absolute: 1e-12 },
        figure,
      );
    }
    const macro = macroScores(prediction);
    for (const figure of ["precision", "recall", "f1"] as const) {
      assertClose(macro[figure], answers.macro[figure], { absolute: 1e-12 }, `macro ${figure}`);
    }
  });
}

test("accuracy by length counts each row in one class, and a class without rows has none", () => {
  const prediction = { predictions: logitsChoosing([0, 1, 1, 0], 2), labels: [0, 1, 0, 0] };
  assert.deepEqual(accuracyByLength(prediction, [3, 10, 11, 40], [10, 20, 30]), [
    { from: 1, to: 10, rows: 2, accuracy: 1 },
    { from: 11, to: 20, rows: 1, accuracy: 0 },
    { from: 21, to: 30, rows: 0, accuracy: Number.NaN },
    { from: 31, to: Number.POSITIVE_INFINITY, rows: 1, accuracy: 1 },
  ]);
});
