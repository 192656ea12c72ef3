import assert from "node:assert/strict";
import { test } from "node:test";
import { LoraConfig } from "../../../lib/lora/config";
import { getPeftModel } from "../../../lib/lora/peft-model";
import { fusedKernels, withoutKernels } from "../../../lib/tensor/native/library";
import { type AttributeValue, cast, type FloatDtype, rawOps } from "../../../lib/tensor/raw-op";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import { computeGradients } from "../../../lib/train/train-step";
import { paths } from "../../../scripts/setup/project.mjs";
import { compilersHere } from "../../../scripts/setup/steps/compiler.mjs";
import { whyNotBuilt } from "../../../scripts/setup/steps/optional.mjs";
import {
  CASES,
  differentiate,
  KEY,
  keyOf,
  maskedFormula,
  maskOf,
  type OperationCase,
} from "../../support/kernel-cases";
import { DTYPES, noKernels, onGpuPath } from "../../support/kernels";
import { assertNothingKept } from "../../support/memory";
import { TINY_ROWS, tinyModel } from "../../support/tiny";

/**
 * Largest difference, as a share of the tensor's largest number. Attention's backward pass takes the probabilities from the
 * logarithm of a sum, near 8, where float32's last place is 10⁻⁶. In bfloat16 all is computed in float32 and rounded at the
 * end, so that results differ by one unit in the last of 8 bits.
 */
function toleranceOf(name: string, dtype: FloatDtype): number {
  return dtype === "bfloat16" ? 2 ** -7 : name.startsWith("attention") ? 5e-6 : 1e-6;
}

test("the fused kernels are built wherever there is a compiler", { skip: compilersHere().length === 0 }, () => {
  assert.equal(whyNotBuilt(paths.kernels), undefined);
});

for (const [name, operation] of Object.entries(CASES)) {
  for (const dtype of DTYPES) {
    test(`${name} in ${dtype}: the kernel's values and gradients are those of the composed operation`, {
      skip: noKernels,
    }, async () => {
      await assertNothingKept(() => {
        const fused = differentiate(operation, dtype);
        const composed = withoutKernels(() => differentiate(operation, dtype));
        assertSimilar(fused, composed, operation, toleranceOf(name, dtype));
      });
    });

    test(`${name} in ${dtype}: the composition for GPUs gives the same`, () => {
      const few = onGpuPath(() => differentiate(operation, dtype));
      const composed = withoutKernels(() => differentiate(operation, dtype));
      assertSimilar(few, composed, operation, toleranceOf(name, dtype));
    });

    test(`${name} in ${dtype}: NaN is never hidden`, { skip: noKernels }, () => {
      operation.inputs.forEach((_, which) => {
        // All bits set but the sign: rounding these upwards would give −0.
        const poisoned = (values: Float32Array, input: number): Float32Array => {
          if (input === which) new Uint32Array(values.buffer)[Math.floor(values.length / 3)] = 0x7fffffff;
          return values;
        };
        const fused = differentiate(operation, dtype, poisoned);
        const composed = withoutKernels(() => differentiate(operation, dtype, poisoned));
        for (const [what, expected] of composed) {
          expected.forEach((value, i) => {
            if (Number.isNaN(value))
              assert.ok(Number.isNaN(fused.get(what)?.[i]), `input ${which}, ${what}, number ${i}`);
          });
        }
        assert.ok(fused.get("value")?.some(Number.isNaN), `input ${which}`);
      });
    });

    if (operation.masked !== undefined) {
      for (const rate of [0.1, 0.5]) {
        test(`${name} in ${dtype}: dropout of ${rate} is the formula with the kernels' own mask`, {
          skip: noKernels,
        }, () => {
          const fused = differentiate(operation, dtype, undefined, rate);
          const expected = maskedFormula(operation, dtype, rate);
          assertSimilar(fused, expected, operation, toleranceOf(name, dtype));
          assert.notDeepEqual(fused.get("value"), differentiate(operation, dtype).get("value"));
        });
      }
    }
  }
}

test("dropout's mask drops the right share, independently of row and column, and what stays is scaled", () => {
  const [rows, columns] = [1000, 500];
  for (const rate of [0.1, 0.5]) {
    const mask = maskOf(rows, columns, rate, KEY);
    assert.deepEqual([...new Set(mask)].sort(), [0, Math.fround(1 / (1 - Math.fround(rate)))]);
    const dropped = mask.map((factor) => Number(factor === 0));
    // A mean of n draws lies within five standard errors, 5 · √(p(1 − p)/n); one in a million does not.
    const assertShare = (share: number, p: number, n: number, what: string): void => {
      const limit = 5 * Math.sqrt((p * (1 - p)) / n);
      assert.ok(Math.abs(share - p) < limit, `${what}: expected ${p} ± ${limit}, got ${share}`);
    };
    const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    assertShare(mean(dropped), rate, mask.length, "all");
    for (let row = 0; row < rows; row += 97) {
      assertShare(mean(dropped.slice(row * columns, (row + 1) * columns)), rate, columns, `row ${row}`);
    }
    for (let column = 0; column < columns; column += 29) {
      const down = dropped.filter((_, i) => i % columns === column);
      assertShare(mean(down), rate, rows, `column ${column}`);
    }
    for (const distance of [1, 2, 16, columns, columns + 1, 16 * columns]) {
      const both = dropped.slice(distance).map((value, i) => value * (dropped[i] as number));
      assertShare(mean(both), rate * rate, both.length, `both of two, ${distance} apart`);
    }
  }
});

test("dropout's mask depends on both numbers of its key and on nothing else", () => {
  const keys = [KEY, [KEY[0] + 1, KEY[1]], [KEY[0], KEY[1] + 1], [KEY[1], KEY[0]], [-1, 0], [0, 0]] as [
    number,
    number,
  ][];
  const masks = keys.map((key) => Buffer.from(maskOf(33, 70, 0.4, key).buffer).toString("hex"));
  assert.equal(new Set(masks).size, keys.length);
  assert.equal(Buffer.from(maskOf(33, 70, 0.4, KEY).buffer).toString("hex"), masks[0]);
  // A row's mask does not depend on how many rows or columns there are.
  const [wide, narrow] = [maskOf(9, 70, 0.4, KEY), maskOf(33, 21, 0.4, KEY)];
  for (let row = 0; row < 9; row++) {
    assert.deepEqual(wide.slice(row * 70, row * 70 + 21), narrow.slice(row * 21, row * 21 + 21));
  }
});

test("a model's forward and backward pass go through every kernel", { skip: noKernels }, () => {
  const counts = (): Record<string, number> => fusedKernels()?.callCounts() ?? {};
  const model = getPeftModel(tinyModel({ num_hidden_layers: 2 }), new LoraConfig({ r: 2 }));
  const before = counts();
  const { loss, gradients } = computeGradients(model, TINY_ROWS);
  const after = counts();
  tf.dispose([loss, ...gradients.values()]);
  const unused = Object.keys(after).filter((name) => after[name] === before[name]);
  assert.deepEqual([unused, Object.keys(after).length], [[], 8]);
});

type Wrong = [
  what: string,
  name: string,
  attributes: Record<string, AttributeValue>,
  inputs: Tensor[],
  outputs: number,
];

test("inputs that do not fit are errors that name the operation, and leave nothing behind", {
  skip: noKernels,
}, async () => {
  const [x, wide, vector] = [tf.ones([4, 6]), tf.ones([4, 7]), tf.ones([6])];
  const half = cast(x, "bfloat16");
  const key = keyOf(KEY);
  const spans = (...rows: number[][]): Tensor => tf.tensor2d(rows, [rows.length, 4], "int32");
  const whole = spans([0, 4, 0, 4]);
  const T = { dtype: "float32" } as const;
  const rate = { number: 0 };
  const attention = (what: string, changes: Record<number, Tensor>, heads = 2): Wrong => {
    const inputs = [x, x, x, vector, vector, vector, whole, key].map((input, i) => changes[i] ?? input);
    return [what, "EthicsAttention", { heads: { integer: heads }, rate, T }, inputs, 2];
  };
  const places = { "outside the tokens": [0, 4, 0, 5], "before them": [0, 4, -1, 3], "of no key": [0, 4, 0, 0] };
  const huge = 2 ** 31 - 1;
  const norm = { rate, epsilon: { number: 1e-5 }, save: { flag: true }, T };
  const save = { save: { flag: true }, T };
  const wrong: Wrong[] = [
    attention("heads that do not divide the width", {}, 4),
    attention("no heads", {}, 0),
    attention("keys of another width", { 1: wide }),
    attention("values of another length", { 2: tf.ones([3, 6]) }),
    attention("a short bias", { 4: tf.ones([5]) }),
    attention("one axis", { 0: vector }),
    attention("spans of three numbers", { 6: tf.ones([1, 3], "int32") }),
    ...Object.entries(places).map(([what, span]) => attention(`a span ${what}`, { 6: spans(span) })),
    attention("a span whose end is no integer of 32 bits", { 6: spans([0, 4, 3, huge]) }),
    attention("a span that starts far outside", { 6: spans([0, 4, huge, 4]) }),
    attention("spans that leave queries out", { 6: spans([0, 3, 0, 4]) }),
    attention("spans that overlap", { 6: spans([0, 2, 0, 3], [2, 2, 2, 2]) }),
    attention("no spans", { 6: tf.zeros([0, 4], "int32") }),
    attention("a key of three numbers", { 7: tf.ones([3], "int32") }),
    ["another row more", "EthicsAddNorm", norm, [x, vector, tf.ones([5, 6]), vector, vector, key], 3],
    ["a short weight", "EthicsAddNorm", norm, [x, vector, x, tf.ones([5]), vector, key], 3],
    ["nothing saved", "EthicsAddNormGradient", { rate, T }, [x, tf.zeros([0, 6]), tf.ones([4]), vector, key], 2],
    ["a long bias", "EthicsBiasGelu", save, [x, tf.ones([7])], 2],
    ["another rank", "EthicsLowRank", { scaling: rate, T }, [x, tf.ones([4, 2]), tf.ones([6, 3])], 1],
    ["another shape", "EthicsMultiply", { T }, [x, wide], 1],
    ["another size", "EthicsSum", { M: { integer: 1 }, N: { integer: 1 } }, [wide, half], 1],
    ["nothing to add", "EthicsSum", { M: { integer: 0 }, N: { integer: 0 } }, [], 1],
  ];
  await assertNothingKept(() => {
    for (const [what, name, attributes, inputs, outputs] of wrong) {
      const expected = new RegExp(`${name}: .*(expected|must|axes|input)`);
      assert.throws(() => rawOps(name, attributes, inputs, outputs), expected, what);
    }
    // TensorFlow itself looks at the dtypes.
    assert.throws(() => rawOps("EthicsMultiply", { T }, [x, half], 1), /bfloat16/);
  });
});

/** Compares results by name. A bias's gradient is a sum of rows that may cancel: the measure is the size of such a sum. */
function assertSimilar(
  actual: ReadonlyMap<string, Float32Array>,
  expected: ReadonlyMap<string, Float32Array>,
  { biases = {} }: OperationCase,
  tolerance: number,
): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  const sizeOf = (what: string): number => {
    const values = expected.get(what) as Float32Array;
    const summed = biases[Number(what.replace("gradient ", ""))];
    if (summed === undefined) return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const rows = (expected.get(`gradient ${summed}`) as Float32Array).length / values.length;
    return sizeOf(`gradient ${summed}`) * Math.sqrt(rows);
  };
  for (const [what, values] of expected) {
    const got = actual.get(what) as Float32Array;
    const limit = tolerance * sizeOf(what);
    assert.equal(got.length, values.length, what);
    values.forEach((value, i) => {
      const difference = Math.abs((got[i] as number) - value);
      assert.ok(difference <= limit, `${what}, number ${i}: expected ${value} ± ${limit}, got ${got[i]}`);
    });
  }
}
