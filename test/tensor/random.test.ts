import assert from "node:assert/strict";
import { test } from "node:test";
import { Mt19937 } from "../../lib/tensor/random";
import { assertClose, readFixture } from "../support/golden";

interface Draws {
  randperm: { seed: number; n: number; order?: number[]; first?: number[] }[];
  uniform: { seed: number; count: number; low: number; high: number; values: number[] }[];
  kaiming: { seed: number; shape: [number, number]; values: number[][] }[];
}

const { randperm, uniform, kaiming } = readFixture<Draws>("rng.json");

for (const { seed, n, order, first = order } of randperm) {
  test(`randperm(${n}) for seed ${seed} is torch's`, () => {
    const ours = [...new Mt19937(seed).randperm(n)];
    assert.deepEqual(ours.slice(0, first?.length), first);
    assert.deepEqual(
      ours.toSorted((a, b) => a - b),
      [...Array(n).keys()],
    );
  });
}

for (const { seed, count, low, high, values } of uniform) {
  test(`uniform draws for seed ${seed} equal torch's`, () => {
    assert.deepEqual([...new Mt19937(seed).uniform(count, low, high)], values);
  });
}

for (const { seed, shape, values } of kaiming) {
  test(`Kaiming-uniform draws for seed ${seed} are torch's but for one unit in the last place`, () => {
    const [rows, columns] = shape;
    const bound = 1 / Math.sqrt(columns);
    // Values below the bound 0.316 are less than 2⁻¹: their last place is at most 2⁻²⁵.
    assertClose(new Mt19937(seed).uniform(rows * columns, -bound, bound), values, { absolute: 2 ** -25 });
  });
}

test("the generator is MT19937 with its standard seeding", () => {
  const generator = new Mt19937(5489);
  const draws = Array.from({ length: 10_000 }, () => generator.next32());
  // First draw for the standard's default seed 5489, and the 10,000th, which the C++ standard fixes for mt19937.
  assert.deepEqual([draws[0], draws[9999]], [3499211612, 4123659995]);
});

test("only the low 32 bits of a seed count, and a seed is an integer", () => {
  const first = (seed: number): number => new Mt19937(seed).next32();
  assert.equal(first(2 ** 32 + 7), first(7));
  assert.equal(first(-1), first(2 ** 32 - 1));
  assert.throws(() => new Mt19937(1.5), { name: "RangeError", message: "`seed`: expected an integer, got 1.5." });
});

test("normal draws have mean 0 and the asked deviation", () => {
  const draws = new Mt19937(3).normal(20_000, 2);
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const deviation = Math.sqrt(draws.reduce((sum, x) => sum + x * x, 0) / draws.length);
  // Four standard errors: 2 / √20000 for the mean, 2 / √40000 for the deviation.
  assertClose([mean, deviation], [0, 2], { absolute: 0.057 });
  assert.ok(draws.every(Number.isFinite));
});
