import assert from "node:assert/strict";
import { Parameter } from "../../../../lib/model/parameters";
import { gradientsOf } from "../../../../lib/tensor/autodiff";
import { DropoutStream } from "../../../../lib/tensor/dropout";
import { type AttentionOptions, attention } from "../../../../lib/tensor/ops/attention/attention";
import type { Span } from "../../../../lib/tensor/ops/attention/input";
import { gatherRows } from "../../../../lib/tensor/ops/basics";
import { type Tensor, type Tensor2D, tf } from "../../../../lib/tensor/tensorflow";
import { assertClose } from "../../../support/golden";
import { assertWeightGradients, leaf, sample, sampleVector, weightedSum } from "../../../support/gradients";
import { testEveryWay } from "../../../support/kernels";
import { assertNothingKept } from "../../../support/memory";

/** Five tokens in two sequences. */
const PLACES: Record<string, Span[]> = {
  "all of it": [
    { queryStart: 0, queries: 3, keyStart: 0, keys: 3 },
    { queryStart: 3, queries: 2, keyStart: 3, keys: 2 },
  ],
  "but not to leading padding": [
    { queryStart: 0, queries: 3, keyStart: 1, keys: 2 },
    { queryStart: 3, queries: 2, keyStart: 3, keys: 2 },
  ],
  "where only the first token asks": [
    { queryStart: 0, queries: 1, keyStart: 0, keys: 3 },
    { queryStart: 1, queries: 1, keyStart: 4, keys: 1 },
  ],
};
const spans = PLACES["all of it"] as Span[];
/** q, k, v and their biases. */
const inputs = [sample(5, 4, 1), sample(5, 4, 30), sample(5, 4, 70), ...[5, 6, 7].map((i) => sampleVector(4, i))];

/** The formula with loops, on one sequence and head at a time. */
function byHand([q, k, v]: number[][][], heads: number, places: readonly Span[]): number[][] {
  const headSize = 4 / heads;
  return places.flatMap(({ queryStart, queries, keyStart, keys: count }) =>
    Array.from({ length: queries }, (_, i) =>
      Array.from({ length: 4 }, (_, column) => {
        const first = Math.floor(column / headSize) * headSize;
        const keys = Array.from({ length: count }, (_, j) => keyStart + j);
        const powers = keys.map((j) => {
          const products = Array.from(
            { length: headSize },
            (_, c) => at(q, queryStart + i, first + c) * at(k, j, first + c),
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

for (const [what, places] of Object.entries(PLACES)) {
  testEveryWay(`each sequence attends to itself, head by head, ${what}`, () => {
    const result = run(parameters(inputs), { spans: places });
    const matrices = [0, 1, 2].map((i) => tf.add<Tensor2D>(inputs[i] as Tensor, inputs[i + 3] as Tensor).arraySync());
    assertClose(result.arraySync(), byHand(matrices, 2, places), { absolute: 1e-6 });
  });

  testEveryWay(`its gradients are those of finite differences, ${what}`, () => {
    assertWeightGradients((...weights) => run(weights, { spans: places }), inputs);
  });
}

testEveryWay("with dropout, the backward pass uses the forward pass's masks", () => {
  // A new stream of the same step draws the same masks, so the function can be differentiated by differences.
  const dropped = (weights: Parameter[]): Tensor2D => run(weights, { rate: 0.4, dropout: new DropoutStream(3, 0) });
  assert.notDeepEqual(dropped(parameters(inputs)).arraySync(), run(parameters(inputs)).arraySync());
  assertWeightGradients((...weights) => dropped(weights), inputs);
});

testEveryWay("attention and its gradient keep no tensor", () =>
  assertNothingKept(() => {
    const weights = parameters(inputs);
    const { value, gradients } = gradientsOf<Parameter>(() =>
      tf.tidy(() => weightedSum(run(weights, { rate: 0.4, dropout: new DropoutStream(3, 0) }))),
    );
    assert.equal(gradients.size, 6);
    tf.dispose([value, ...gradients.values(), tf.tidy(() => run(weights)), ...weights.map(({ value }) => value)]);
  }),
);

function parameters(values: readonly Tensor[]): Parameter[] {
  return values.map((value) => new Parameter("x", value.clone(), true));
}

/** @param weights q, k, v and their biases; only the first rows of q ask where the spans have fewer queries */
function run(weights: readonly Parameter[], options: Partial<AttentionOptions> = {}): Tensor2D {
  const [q, k, v, queryBias, keyBias, valueBias] = weights;
  const queries = (options.spans ?? spans).reduce((sum, span) => sum + span.queries, 0);
  return attention(
    { product: gatherRows(q as Parameter, tf.range(0, queries, 1, "int32")), bias: queryBias as Parameter },
    { product: leaf(k as Parameter), bias: keyBias as Parameter },
    { product: leaf(v as Parameter), bias: valueBias as Parameter },
    { heads: 2, spans, rate: 0, dropout: undefined, ...options },
  );
}
