import assert from "node:assert/strict";
import { test } from "node:test";
import { SafetensorsFile } from "../../../lib/files/safetensors";
import { castUint8, tensorBytes } from "../../../lib/tensor/raw-op";
import { type Tensor, tf } from "../../../lib/tensor/tensorflow";
import type { AdamOptions } from "../../../lib/train/optim/adamw";
import { AdamW8bitRule, dynamicMap } from "../../../lib/train/optim/adamw-8bit";
import { assertClose, fixture, readFixture, shareOf } from "../../support/golden";
import { assertNothingKept } from "../../support/memory";
import { runRule } from "../../support/optimizer";
import { HARSH, PLAIN } from "../../support/tolerances";

const options: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** Four or three steps on a fixture's tensor, as the reference made them. */
function runFixture(
  kind: "plain" | "harsh",
  block: number,
  weightDecay: number,
): { rule: AdamW8bitRule; after: Float32Array; expected: (name: string) => Float32Array } {
  const file = SafetensorsFile.open(fixture("optimizer", kind, "tensors.safetensors"));
  const start = file.readFloat32("param0");
  const rule = new AdamW8bitRule(start.length, { ...options, weightDecay }, block);
  const steps = kind === "plain" ? [1, 2, 3, 4] : [1, 2, 3];
  const all = runRule(
    rule,
    start,
    steps.map((step) => file.readFloat32(`grad${step}`)),
  );
  const run = `ref_b${block}_wd${weightDecay.toFixed(1)}`;
  const expected = (name: string): Float32Array => file.readFloat32(`${run}.${name}`);
  return { rule, after: all.at(-1) as Float32Array, expected };
}

function codes(state: Tensor | undefined): number[] {
  return tf.tidy(() => [...castUint8(state as Tensor).dataSync()]);
}

test("the two tables equal the reference's bit for bit", () => {
  const tables = readFixture<{ signed: number[]; unsigned: number[] }>("optimizer", "dynamic_maps.json");
  assert.deepEqual([...dynamicMap(true)], tables.signed);
  assert.deepEqual([...dynamicMap(false)], tables.unsigned);
  const [signed, unsigned] = [dynamicMap(true), dynamicMap(false)];
  assert.deepEqual([signed[127], signed[255], unsigned[0], unsigned[255]], [0, 1, 0, 1]);
});

for (const [block, weightDecay] of [
  [256, 0],
  [256, 0.1],
  [2048, 0],
  [2048, 0.1],
] as const) {
  test(`blocks of ${block}, decay ${weightDecay}: codes, block maxima and parameters are the reference's`, () => {
    const { rule, after, expected } = runFixture("plain", block, weightDecay);
    const equal: boolean[][] = [];
    for (const which of [1, 2]) {
      const [actual, wanted] = [codes(rule.state[`state${which}`]), expected(`c${which}`)];
      assert.equal(
        shareOf(actual, wanted, (a, b) => Math.abs(a - b) <= 1),
        1,
        `codes ${which} off by more than 1`,
      );
      const share = shareOf(actual, wanted, (a, b) => a === b);
      assert.ok(share >= PLAIN.equalCodes, `equal codes ${which}: ${share}`);
      assertClose(rule.state[`absmax${which}`]?.dataSync() ?? [], expected(`a${which}`), { relative: PLAIN.absmax });
      equal.push(actual.map((code, i) => code === wanted[i]));
    }
    const same = (values: Float32Array): Float32Array => values.filter((_, i) => equal.every((codes) => codes[i]));
    assertClose(same(after), same(expected("param4")), { absolute: PLAIN.parameters });
  });
}

for (const block of [256, 2048]) {
  test(`blocks of ${block}: where second moments round to 0 the jumps are the reference's`, () => {
    const { after, expected } = runFixture("harsh", block, 0);
    const share = shareOf(after, expected("param3"), (a, b) => Math.abs(a - b) <= HARSH.parameters);
    assert.ok(share >= HARSH.share, `parameters within ${HARSH.parameters}: ${share}`);
  });
}

test("the state takes at most 2.1 bytes an element, whether or not the last block is full", () => {
  for (const [size, block] of [
    [4096, 256],
    [4097, 256],
    [4096, 2048],
    [4097, 2048],
    [8192, 256],
  ] as const) {
    const rule = new AdamW8bitRule(size, options, block);
    runRule(rule, new Float32Array(size), [new Float32Array(size).fill(1)]);
    const bytes = Object.values(rule.state).reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
    // Two bytes an element, two float32 a block.
    assert.equal(bytes, 2 * size + 8 * Math.ceil(size / block));
    assert.ok(bytes / size <= 2.1, `${bytes / size} bytes an element`);
    rule.dispose();
  }
});

test("the element beyond the last full block has a block of its own", () => {
  const gradient = new Float32Array(4097).fill(1);
  gradient[4096] = 1000;
  const rule = new AdamW8bitRule(4097, options, 256);
  runRule(rule, new Float32Array(4097), [gradient]);
  const maxima = [...(rule.state.absmax1?.dataSync() ?? [])];
  assert.equal(maxima.length, 17);
  assertClose(maxima, [...Array<number>(16).fill(0.1), 100], { relative: 1e-6 });
  assert.deepEqual([...new Set(codes(rule.state.state1))], [255]);
});

test("an element whose gradient is not finite keeps its value and loses its moments, the others go on", () => {
  const gradient = new Float32Array(256).fill(1);
  gradient.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  const [rule, clean] = [0, 1].map(() => new AdamW8bitRule(256, options, 256)) as [AdamW8bitRule, AdamW8bitRule];
  const ones = new Float32Array(256).fill(1);
  const [, after] = runRule(rule, ones, [ones, gradient]);
  const [first, second] = runRule(clean, ones, [ones, ones]);
  assert.deepEqual(after?.slice(0, 3), first?.slice(0, 3));
  assert.deepEqual(after?.slice(3), second?.slice(3));
  // Code 127 of the first table and 0 of the second stand for 0.
  assert.deepEqual(
    [codes(rule.state.state1).slice(0, 4), codes(rule.state.state2).slice(0, 4)],
    [
      [127, 127, 127, 255],
      [0, 0, 0, 255],
    ],
  );
});

test("a small negative first moment does not become 0, a positive one may", () => {
  const gradient = new Float32Array(256);
  gradient.set([1, -1e-8, 1e-8]);
  const rule = new AdamW8bitRule(256, options, 256);
  runRule(rule, gradient, [gradient]);
  assert.deepEqual(codes(rule.state.state1).slice(0, 4), [255, 126, 127, 127]);
});

test("a block of zeros stays zero", () => {
  const zeros = new Float32Array(512);
  const gradient = Float32Array.from(zeros, (_, i) => Number(i < 256));
  const rule = new AdamW8bitRule(512, options, 256);
  const [, after] = runRule(rule, zeros, [gradient, gradient]);
  assert.ok(after?.slice(256).every((value) => value === 0));
  assert.equal(rule.state.absmax1?.dataSync()[1], 0);
});

test("a step keeps no tensor, and a rule that is freed none at all", async () => {
  await assertNothingKept(async () => {
    const rule = new AdamW8bitRule(4097, options, 256);
    const [p, g] = [tf.ones([4097]), tf.ones([4097])];
    await assertNothingKept(() => rule.update(p, g, { count: 1, learningRate: 0.1 }).dispose());
    tf.dispose([p, g]);
    rule.dispose();
  });
});
