import assert from "node:assert/strict";
import { test } from "node:test";
import { camelCase } from "../../../lib/files/json";
import type { TrainingArguments } from "../../../lib/train/arguments";
import { learningRateAt, warmupSteps } from "../../../lib/train/optim/schedule";
import { resolveArguments } from "../../../lib/train/resolve-arguments";
import { readFixture } from "../../support/golden";

function rates(options: Partial<TrainingArguments>, steps: number[], total: number): number[] {
  const args = resolveArguments({ outputDir: "unused", ...options });
  return steps.map((step) => learningRateAt(args, step, total));
}

test("after steps 500, 1000, 1500 and 2000 of 3,478 the rate is the one that the original notebook logged", () => {
  const logged = [4.2811960897067285e-5, 3.562392179413456e-5, 2.8435882691201844e-5, 2.124784358826912e-5];
  assert.deepEqual(rates({}, [500, 1000, 1500, 2000], 3478), logged);
});

test("the first step has the whole rate, the last one a step's share, and then there is none", () => {
  assert.deepEqual(rates({ learningRate: 1 }, [0, 3, 4, 9], 4), [1, 0.25, 0, 0]);
});

interface Schedule {
  name: NonNullable<TrainingArguments["lrSchedulerType"]>;
  /** Beside the warm-up, by their Python names. */
  options: Record<string, number>;
  warmup_steps: number;
  steps: number;
  rates: number[];
}

for (const schedule of readFixture<Schedule[]>("trainer", "schedules.json")) {
  const { name, options, warmup_steps, steps, rates: expected } = schedule;
  const told = Object.entries(options).map(([key, value]) => `${key} ${value}, `);
  test(`${name} with ${told.join("")}a warm-up of ${warmup_steps} over ${steps} steps has the rates of transformers`, () => {
    const lrSchedulerKwargs = Object.fromEntries(
      Object.entries(options).map(([key, value]) => [camelCase(key), value]),
    );
    const args = { learningRate: 2e-3, warmupSteps: warmup_steps, lrSchedulerType: name, lrSchedulerKwargs };
    // The last bit depends on how a language computes powers.
    for (const [i, rate] of rates(args, [...expected.keys()], steps).entries()) {
      const wanted = expected[i] as number;
      if (options.power === undefined) assert.equal(rate, wanted, `step ${i}`);
      else assert.ok(Math.abs(rate - wanted) <= 1e-15 * wanted + 1e-20, `step ${i}: ${rate}, ${wanted}`);
    }
  });
}

test("a share of the steps is rounded up, and steps count before their share", () => {
  assert.equal(warmupSteps({ warmupSteps: 0.3, warmupRatio: 0 }, 6), 2);
  assert.equal(warmupSteps({ warmupSteps: 0, warmupRatio: 0.1 }, 11), 2);
  assert.equal(warmupSteps({ warmupSteps: 5, warmupRatio: 0.1 }, 1000), 5);
});
