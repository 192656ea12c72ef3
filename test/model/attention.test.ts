import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttentionOptions, attention } from "../../lib/model/attention";
import { Parameter } from "../../lib/model/parameters";
import { gradientsOf } from "../../lib/runtime/autodiff";
import { DropoutStream } from "../../lib/runtime/dropout";
import { type Tensor2D, tf } from "../../lib/runtime/tensorflow";
import { assertClose } from "../support/golden";
import { assertGradients, leaf, sample, weightedSum } from "../support/gradients";
import { assertNothingKept } from "../support/memory";

const sequences = [
  { start: 0, length: 3, hidden: 0 },
  { start: 3, length: 2, hidden: 0 },
];
const inputs = [sample(5, 4, 1), sample(5, 4, 30), sample(5, 4, 70)] as const;

/** The formula with loops, on one sequence and head at a time. */
function byHand([q, k, v]: number[][][], heads: number, places: typeof sequences): number[][] {
  const headSize = 4 / heads;
  return places.flatMap(({ start, length, hidden }) =>
    Array.from({ length }, (_, i) =>
      Array.from({ length: 4 }, (_, column) => {
        const first = Math.floor(column / headSize) * headSize;
        const keys = Array.from({ length: length - hidden }, (_, j) => start + hidden + j);
        const powers = keys.map((j) => {
          const products = Array.from(
            { length: headSize },
            (_, c) => at(q, start + i, first + c) * at(k, j, first + c),
          );
          return Math.exp(products.reduce((sum, x) => sum + x, 0) / Math.sqrt(headSize));
        });
        const total = powers.reduce((sum, x) => sum + x, 0);
        return keys.reduce((sum, j, n) => sum + ((powers[n] as number) / total) * at(v, j, column), 0);
      }),
    ),
  );
}

function at(matrix: number[][] | undefined, row: number, column: number): number {
  return matrix?.[row]?.[column] as number;
}

for (const hidden of [0, 1]) {
  const places = [
    { start: 0, length: 3, hidden },
    { start: 3, length: 2, hidden: 0 },
  ];
  test(`each sequence attends to itself, head by head, ${hidden === 0 ? "all of it" : "but not to leading padding"}`, () => {
    const result = run(inputs, { sequences: places });
    const matrices = inputs.map((x) => x.arraySync());
    assertClose(result.arraySync(), byHand(matrices, 2, places), { absolute: 1e-6 });
  });

  test(`its gradients are those of finite differences, ${hidden === 0 ? "without" : "with"} leading padding`, () => {
    assertGradients((...qkv) => run(qkv, { sequences: places }), inputs);
  });
}

test("with dropout, the backward pass uses the forward pass's masks", () => {
  // A new stream of the same step draws the same masks, so the function can be differentiated by differences.
  const dropped = (qkv: readonly Tensor2D[]): Tensor2D => run(qkv, { rate: 0.4, dropout: new DropoutStream(3, 0) });
  assert.notDeepEqual(dropped(inputs).arraySync(), run(inputs).arraySync());
  assertGradients((...qkv) => dropped(qkv), inputs);
});

test("attention and its gradient keep no tensor", async () => {
  await assertNothingKept(() => {
    const weights = inputs.map((x) => new Parameter("x", x.clone(), true));
    const { value, gradients } = gradientsOf<Parameter>(() =>
      tf.tidy(() => weightedSum(run(weights.map(leaf), { rate: 0.4, dropout: new DropoutStream(3, 0) }))),
    );
    assert.equal(gradients.size, 3);
    tf.dispose([value, ...gradients.values(), ...weights.map((weight) => weight.value), run(inputs)]);
  });
});

function run(qkv: readonly Tensor2D[], options: Partial<AttentionOptions> = {}): Tensor2D {
  const [q, k, v] = qkv as readonly [Tensor2D, Tensor2D, Tensor2D];
  return attention(q, k, v, { heads: 2, sequences, rate: 0, dropout: undefined, ...options });
}
