import assert from "node:assert/strict";
import { test } from "node:test";
import { METRIC_KEYS, type RunMetrics } from "../../lib/runs/metrics";
import { problemsOf } from "../../scripts/checks/check-metrics";

/** A complete run with the given figures. */
function metricsWith(figures: Partial<RunMetrics>): RunMetrics {
  const rest = Object.fromEntries(METRIC_KEYS.map((key) => [key, 1])) as unknown as RunMetrics;
  const baseline = { loss: 0.7, accuracy: 0.6 };
  const final = { loss: 0.3, accuracy: 0.85 };
  return { ...rest, demo: true, baseline, final, validation: { before: 0.6, after: 0.93 }, ...figures };
}

test("a complete demo run with the promised accuracies has no problems", () => {
  assert.deepEqual(problemsOf(metricsWith({})), []);
});

test("each accuracy out of its bounds is named with the bound", () => {
  const low = metricsWith({ baseline: { loss: 1, accuracy: 0.45 } });
  assert.deepEqual(problemsOf(low), ["`baseline.accuracy`: expected 0.5 to 0.75, got 0.45."]);
  const small = metricsWith({ final: { loss: 1, accuracy: 0.7 } });
  assert.deepEqual(problemsOf(small), ["`final.accuracy`: expected 0.15 above 0.6, got 0.7."]);
  const weak = metricsWith({ validation: { before: 0.6, after: 0.8 } });
  assert.deepEqual(problemsOf(weak), ["`validation.after`: expected 0.88 or more, got 0.8."]);
});

test("a missing key and a number that was not finite are found", () => {
  const { seed: _, ...withoutSeed } = metricsWith({});
  assert.deepEqual(problemsOf(withoutSeed as RunMetrics), ["`seed`: expected a value, got none."]);
  const notFinite = JSON.parse(JSON.stringify(metricsWith({ final: { loss: Number.NaN, accuracy: 0.9 } })));
  assert.deepEqual(problemsOf(notFinite), ["`final.loss`: expected a value, got none."]);
});
