import assert from "node:assert/strict";
import { test } from "node:test";
import { calibration } from "../../lib/evaluate/calibration";

function predictionOf(rows: [chance: number, label: number][]): { predictions: Float32Array[]; labels: number[] } {
  return {
    predictions: rows.map(([p]) => Float32Array.of(0, Math.log(p / (1 - p)))),
    labels: rows.map(([, label]) => label),
  };
}

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, expected ${expected}`);

test("bins hold the answers by confidence, whatever label they are for", () => {
  // 0.15 for the second label is 0.85 for the first.
  const { bins } = calibration(
    predictionOf([
      [0.85, 1],
      [0.15, 1],
      [0.88, 1],
      [0.62, 1],
    ]),
    { bins: 10 },
  );
  assert.deepEqual(
    bins.map(({ from, to, rows }) => [from, to, rows]),
    [
      [0.6, 0.7, 1],
      [0.8, 0.9, 3],
    ],
  );
  near(bins[1]?.confidence ?? 0, (0.85 + 0.85 + 0.88) / 3);
  near(bins[1]?.accuracy ?? 0, 2 / 3);
});

test("the expected calibration error is the bins' distance, weighed by their answers", () => {
  const result = calibration(
    predictionOf([
      [0.85, 1],
      [0.85, 0],
      [0.65, 1],
      [0.65, 1],
    ]),
    { bins: 10 },
  );
  // Two answers at 0.85 of which half are right, two at 0.65 of which all are: (0.35 + 0.35) / 2.
  near(result.expectedCalibrationError, 0.35);
  // Mean confidence 0.75, accuracy 0.75.
  near(result.overconfidence, 0);
});

test("a certain model has no calibration error if it is always right, and its confidence as error if always wrong", () => {
  const sure = 1 - 1e-9;
  near(
    calibration(
      predictionOf([
        [sure, 1],
        [sure, 1],
      ]),
    ).expectedCalibrationError,
    0,
  );
  const wrong = calibration(
    predictionOf([
      [0.9, 0],
      [0.9, 0],
    ]),
  );
  near(wrong.expectedCalibrationError, 0.9);
  near(wrong.overconfidence, 0.9);
});

test("calibration without predictions is refused", () => {
  assert.throws(() => calibration({ predictions: [], labels: [] }), /expected at least one row/);
});
