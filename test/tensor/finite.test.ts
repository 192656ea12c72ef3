import assert from "node:assert/strict";
import { test } from "node:test";
import { allFinite } from "../../lib/tensor/finite";
import { tf } from "../../lib/tensor/tensorflow";
import { assertNothingKept } from "../support/memory";

test("one number that is not finite is found among many, and a sum that overflows is none", async () => {
  const cases: [number[], boolean][] = [
    [[], true],
    [[3e38, 3e38], true],
    [[Number.NaN], false],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], false],
  ];
  for (const [some, expected] of cases) {
    const values = Float32Array.of(...some, ...new Float32Array(1000).fill(0.5));
    const found = await assertNothingKept(() => tf.tidy(() => allFinite(tf.tensor(values))));
    assert.equal(found, expected, `${some}`);
  }
});
