import assert from "node:assert/strict";
import { test } from "node:test";
import { TrainingClock } from "../../lib/sweep/clock";

test("a clock counts from the beginning to the end of a training, and continues from a checkpoint's count", (t) => {
  let now = 5000;
  t.mock.method(performance, "now", () => now);
  const first = new TrainingClock();
  assert.equal(first.seconds, 0);
  first.onTrainBegin();
  now += 2000;
  const kept = first.saveState();
  now += 1000; // lost: the checkpoint is older
  const second = new TrainingClock();
  second.loadState(JSON.parse(JSON.stringify(kept)));
  second.onTrainBegin();
  now += 4000;
  second.onTrainEnd();
  now += 8000;
  assert.equal(second.seconds, 6);
});
