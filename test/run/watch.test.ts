import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LineReader, RunProgress } from "../../scripts/run/watch";

test("a growing file is read line by line, half a line not before its end is there", () => {
  const folder = mkdtempSync(join(tmpdir(), "watch-"));
  try {
    const file = join(folder, "log.jsonl");
    const reader = new LineReader(file);
    assert.deepEqual(reader.read(), []);
    appendFileSync(file, "one\ntw");
    assert.deepEqual(reader.read(), ["one"]);
    appendFileSync(file, "o\nthree\n");
    assert.deepEqual(reader.read(), ["two", "three"]);
    assert.deepEqual(reader.read(), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the progress line tells the cell, the step, the loss and the time left", () => {
  const progress = new RunProgress();
  progress.cell({ cell: 18, of: 26, heading: "Train" });
  assert.equal(progress.line, "cell 18 of 26: Train");
  progress.log(JSON.stringify({ time: 0, event: "step", step: 1, maxSteps: 100, loss: 0.75 }));
  progress.log(JSON.stringify({ time: 9000, event: "step", step: 10, maxSteps: 100 }));
  assert.equal(progress.line, "cell 18 of 26: Train · training step 10 of 100, loss 0.750, 1:30 left");
  const kept = progress.log(
    JSON.stringify({ time: 9500, event: "evaluate", step: 100, metrics: { evalLoss: 0.5, evalAccuracy: 0.9 } }),
  );
  assert.equal(kept, "evaluation after step 100: loss 0.5000, accuracy 90.0 %");
});
