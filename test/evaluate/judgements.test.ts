import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changedJudgements,
  judgements,
  mostUncertain,
  mostWrong,
  toEvalPrediction,
} from "../../lib/evaluate/judgements";
import type { PredictionOutput } from "../../lib/evaluate/metrics";

const NAMES = ["bad", "good"];
const TEXTS = ["a", "b", "c", "d"];

/** Logits whose second probability is p: ln(p / (1 - p)) beside 0. */
function output(chances: number[], labelIds: PredictionOutput["labelIds"]): PredictionOutput {
  return { predictions: chances.map((p) => Float32Array.of(0, Math.log(p / (1 - p)))), labelIds, metrics: {} };
}

const before = judgements(output([0.9, 0.2, 0.6, 0.3], [1, 1, 0, 0]), TEXTS, NAMES);
const after = judgements(output([0.2, 0.95, 0.7, 0.45], [1, 1, 0, 0]), TEXTS, NAMES);

test("a judgement names the labels and has the model's probability", () => {
  const [first] = before;
  assert.ok(Math.abs((first?.probability ?? 0) - 0.9) < 1e-6);
  assert.deepEqual(
    { ...first, probability: 0.9 },
    { row: 0, text: "a", label: "good", predicted: "good", probability: 0.9, right: true },
  );
  assert.deepEqual(
    before.map(({ right }) => right),
    [true, false, false, true],
  );
});

test("mostWrong lists wrong answers of high confidence, mostUncertain any answers of low confidence", () => {
  assert.deepEqual(
    mostWrong(before).map(({ text }) => text),
    ["b", "c"],
  );
  assert.deepEqual(
    mostWrong(before, 1).map(({ text }) => text),
    ["b"],
  );
  assert.deepEqual(
    mostUncertain(after, 2).map(({ text }) => text),
    ["d", "c"],
  );
});

test("changed judgements are mended or spoiled, the most confident first; unchanged ones are left out", () => {
  const changed = changedJudgements(before, after);
  assert.deepEqual(
    changed.map(({ text, before, after, change }) => [text, before, after, change]),
    [
      ["b", "bad", "good", "mended"],
      ["a", "good", "bad", "spoiled"],
    ],
  );
});

test("texts that differ, counts that differ and labels that are not one number are refused", () => {
  assert.throws(() => changedJudgements(before, after.slice(1)), /expected the same texts/);
  assert.throws(() => changedJudgements(before, [...after].reverse()), /another one in row 0/);
  assert.throws(() => judgements(output([0.5], [1]), TEXTS, NAMES), /expected 1, one for each prediction, got 4/);
  assert.throws(() => toEvalPrediction(output([0.5], [[0, 1]])), /expected one number a row, got \[0,1\]/);
});
