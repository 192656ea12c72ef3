import assert from "node:assert/strict";
import { test } from "node:test";
import { linearSchedule } from "../../lib/train/schedule";

test("after steps 500, 1000, 1500 and 2000 of 3,478 the rate is the one that the original notebook logged", () => {
  const logged = [4.2811960897067285e-5, 3.562392179413456e-5, 2.8435882691201844e-5, 2.124784358826912e-5];
  const rates = [500, 1000, 1500, 2000].map((step) => linearSchedule(5e-5, step, 3478));
  assert.deepEqual(rates, logged);
});

test("the first step has the whole rate, the last one a step's share, and then there is none", () => {
  assert.deepEqual(
    [linearSchedule(1, 0, 4), linearSchedule(1, 3, 4), linearSchedule(1, 4, 4), linearSchedule(1, 9, 4)],
    [1, 0.25, 0, 0],
  );
});
