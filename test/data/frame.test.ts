import assert from "node:assert/strict";
import { test } from "node:test";
import { isFrame, toDataFrame } from "../../lib/data/frame";

test("rows become a danfo DataFrame in the asked column order", () => {
  const frame = toDataFrame([{ label: 0, input: "I waited." }, { label: 1 }], ["input", "label"]);
  assert.ok(isFrame(frame));
  assert.deepEqual(frame.shape, [2, 2]);
  assert.deepEqual(frame.values, [
    ["I waited.", 0],
    [null, 1],
  ]);
  assert.deepEqual(frame.head(1).values, [["I waited.", 0]]);
  assert.throws(() => toDataFrame([]), /expected at least one row or column/);
});
