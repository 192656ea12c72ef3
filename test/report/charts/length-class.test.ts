import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthClass } from "../../../lib/report/charts/length-class";

test("the first and the last class are open, the others have both ends", () => {
  const borders = [
    { from: 1, to: 200 },
    { from: 201, to: 400 },
    { from: 401, to: Number.POSITIVE_INFINITY },
  ];
  assert.deepEqual(borders.map(lengthClass), ["up to 200", "201 to 400", "401 and more"]);
});
