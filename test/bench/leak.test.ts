import assert from "node:assert/strict";
import { test } from "node:test";
import { type Held, judge } from "../../scripts/bench/leak";

test("a run that leaks a tensor, a handle or memory fails; one that frees memory passes", () => {
  const steady = (step: number): Held => ({ step, tensors: 10, handles: 12, rssBytes: 1e9 });
  const runOf = (held: (step: number) => Held) => judge(Array.from({ length: 500 }, (_, i) => held(i + 1)));
  assert.ok(runOf(steady).passed);
  assert.ok(runOf((step) => ({ ...steady(step), tensors: step < 100 ? step : 10 })).passed);
  assert.ok(!runOf((step) => ({ ...steady(step), tensors: step === 499 ? 11 : 10 })).passed);
  assert.ok(!runOf((step) => ({ ...steady(step), handles: 12 + Math.floor(step / 450) })).passed);
  const growing = runOf((step) => ({ ...steady(step), rssBytes: 1e9 + step * 1e5 }));
  assert.ok(!growing.passed);
  // (1e9 + 47.5e6) / (1e9 + 12.5e6) − 1
  assert.equal(growing.rss_growth, 0.0346);
  assert.ok(runOf((step) => ({ ...steady(step), rssBytes: 1e9 - step * 1e5 })).passed);
});
