/** The operations that have a fused kernel, over sizes that fit no vector. */
import { Parameter } from "../../lib/model/parameters";
import { differentiable, gradientsOf } from "../../lib/tensor/autodiff";
import { type DropoutKey, DropoutStream, keyTensor } from "../../lib/tensor/dropout";
import { gelu } from "../../lib/tensor/ops/activation";
import { attention } from "../../lib/tensor/ops/attention/attention";
import type { Span } from "../../lib/tensor/ops/attention/input";
import { asDtype } from "../../lib/tensor/ops/basics";
import { lowRankUpdate } from "../../lib/tensor/ops/linear";
import { addNorm } from "../../lib/tensor/ops/norm";
import { cast, type FloatDtype } from "../../lib/tensor/raw-op";
import { type Tensor, type Tensor2D, tf } from "../../lib/tensor/tensorflow";
import { leaf } from "./gradients";

/** One operation and how it is tried. */
export interface OperationCase {
  /** Shapes of its inputs: activations have two axes and are of the dtype that is tried, weights are float32. */
  inputs: readonly (readonly number[])[];
  /** The inputs that are weights or float32 whatever the dtype. */
  exact: readonly number[];
  /** Inputs whose gradients are sums of the rows of another input's gradient: biases, by that input. */
  biases?: Readonly<Record<number, number>>;
  /** @param x the inputs as tensors @param w the same inputs as weights @param rate of dropout */
  run(x: Tensor2D[], w: Parameter[], options: { rate: number; dropout: DropoutStream | undefined }): Tensor2D;
  /** The formula in TensorFlow's operations, in float32, with the dropout that the kernels' mask says. */
  masked?(x: Tensor[], rate: number): Tensor;
}

/** Of all masks. */
const SEED = 3;
export const KEY: DropoutKey = new DropoutStream(SEED, 0).next();

/** A key as an operation takes it. */
export const keyOf = keyTensor;

/**
 * The factors of the kernels' dropout, row by row: their hash in another language. An element is dropped where the hash of
 * its row, its column and the key, an integer below 2³², is less than rate · 2³².
 */
export function maskOf(rows: number, columns: number, rate: number, [first, second]: DropoutKey): Float32Array {
  const threshold = Math.floor(Math.fround(rate) * 2 ** 32);
  const scale = Math.fround(1 / Math.fround(1 - Math.fround(rate)));
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = mixed(mixed(Math.floor(i / columns) ^ first) + second);
    return mixed(Math.imul(i % columns, 0x9e3779b9) ^ row) >>> 0 < threshold ? 0 : scale;
  });
}

/** A hash of 32 bits ("lowbias32", C. Wellons). */
function mixed(x: number): number {
  const once = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b);
  return twice ^ (twice >>> 16);
}

function maskTensor(rows: number, columns: number, rate: number, key: DropoutKey): Tensor2D {
  return tf.tensor2d(maskOf(rows, columns, rate, key), [rows, columns]);
}

/** Lengths around the sizes of vectors (16) and of blocks of queries (48). */
const LENGTHS = [1, 17, 50, 130];

/** Sequences behind each other; `lead` tokens at the start of each get no attention, `asking` queries of each ask. */
function spansOf(lead: number, asking?: number): Span[] {
  let [queryStart, start] = [0, 0];
  return LENGTHS.map((length) => {
    const hidden = Math.min(lead, length - 1);
    const queries = Math.min(asking ?? length, length);
    const span = { queryStart, queries, keyStart: start + hidden, keys: length - hidden };
    queryStart += queries;
    start += length;
    return span;
  });
}

function attentionCase(heads: number, width: number, spans: readonly Span[]): OperationCase {
  const tokens = LENGTHS.reduce((sum, length) => sum + length, 0);
  const queries = spans.reduce((sum, span) => sum + span.queries, 0);
  return {
    inputs: [[queries, width], [tokens, width], [tokens, width], [width], [width], [width]],
    exact: [3, 4, 5],
    biases: { 3: 0, 4: 1, 5: 2 },
    run([q, k, v], weights, options) {
      const [queryBias, keyBias, valueBias] = weights.slice(3);
      return attention(
        { product: q as Tensor2D, bias: queryBias as Parameter },
        { product: k as Tensor2D, bias: keyBias as Parameter },
        { product: v as Tensor2D, bias: valueBias as Parameter },
        { heads, spans, ...options },
      );
    },
    masked([q, k, v, queryBias, keyBias, valueBias], rate) {
      // The mask's row is query · heads + head, its column the key's place in its span.
      const mask = maskTensor(queries * heads, Math.max(...LENGTHS), rate, KEY);
      const size = width / heads;
      const head = (x: Tensor, rows: [number, number], i: number): Tensor2D =>
        tf.slice(x as Tensor2D, [rows[0], i * size], [rows[1], size]);
      const [qb, kb, vb] = [
        tf.add(q as Tensor, queryBias as Tensor),
        tf.add(k as Tensor, keyBias as Tensor),
        tf.add(v as Tensor, valueBias as Tensor),
      ];
      const contexts = spans.map((span) => {
        const [asking, asked] = [
          [span.queryStart, span.queries] as [number, number],
          [span.keyStart, span.keys] as [number, number],
        ];
        const parts = Array.from({ length: heads }, (_, i) => {
          const scores = tf.div(tf.matMul(head(qb, asking, i), head(kb, asked, i), false, true), Math.sqrt(size));
          const rows = tf.range(0, span.queries, 1, "int32").add(span.queryStart).mul(heads).add(i).cast("int32");
          const factors = tf.slice(tf.gather(mask, rows as never) as Tensor2D, [0, 0], [span.queries, span.keys]);
          return tf.matMul(tf.mul<Tensor2D>(tf.softmax(scores), factors), head(vb, asked, i));
        });
        return tf.concat(parts, 1);
      });
      return tf.concat(contexts, 0);
    },
  };
}

function blockCase(rows: number, width: number): OperationCase {
  return {
    inputs: [[rows, width], [width], [rows, width], [width], [width]],
    exact: [1, 2, 3, 4],
    biases: { 1: 0 },
    run([product, , residual], [, bias, , weight, shift], options) {
      const norm = { weight: weight as Parameter, bias: shift as Parameter, eps: 1e-5 };
      return addNorm({ product: product as Tensor2D, bias: bias as Parameter }, residual as Tensor2D, norm, options);
    },
    masked([product, bias, residual, weight, shift], rate) {
      const { shape } = product as Tensor2D;
      const mask = maskTensor(...(shape as [number, number]), rate, KEY);
      const x = tf.add(tf.mul(tf.add(product as Tensor, bias as Tensor), mask), residual as Tensor);
      const { mean, variance } = tf.moments(x, -1, true);
      const normal = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(normal, weight as Tensor), shift as Tensor);
    },
  };
}

function lowRankCase(rank: number): OperationCase {
  return {
    inputs: [
      [900, 20],
      [900, rank],
      [20, rank],
    ],
    exact: [1, 2],
    run: ([product, down], [, , up]) => lowRankUpdate(product as Tensor2D, down as Tensor2D, up as Parameter, 1.5),
  };
}

function geluCase(rows: number, width: number): OperationCase {
  return {
    inputs: [[rows, width], [width]],
    exact: [1],
    biases: { 1: 0 },
    run: ([product], [, bias]) => gelu({ product: product as Tensor2D, bias: bias as Parameter }),
  };
}

/** By a name for the test. */
export const CASES: Record<string, OperationCase> = {
  "attention, heads of size 5": attentionCase(4, 20, spansOf(0)),
  "attention, one head of size 20": attentionCase(1, 20, spansOf(0)),
  "attention, heads of size 64": attentionCase(2, 128, spansOf(0)),
  "attention with leading padding": attentionCase(4, 20, spansOf(1)),
  "attention of the first tokens alone": attentionCase(4, 20, spansOf(0, 1)),
  "attention of some queries, with leading padding": attentionCase(4, 20, spansOf(3, 10)),
  "the end of a block, narrow": blockCase(130, 20),
  "the end of a block, wide": blockCase(130, 261),
  "gelu, narrow": geluCase(50, 20),
  "gelu, wide": geluCase(17, 1111),
  "an update of rank 1": lowRankCase(1),
  "an update of rank 3": lowRankCase(3),
  "an update of rank 8": lowRankCase(8),
  "a sum of gradients": {
    // x reaches the result along five ways.
    inputs: [[900, 21]],
    exact: [],
    run([x]) {
      const ways = [1, 2, 3, 4, 5].map((factor) => times(x as Tensor2D, factor));
      return ways.reduce((sum, way) => addBoth(sum, way));
    },
  },
};

/** Numbers around 0 of size about 1, unlike in all rows and columns. */
function valuesOf(shape: readonly number[], phase: number): Float32Array {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return Float32Array.from({ length: size }, (_, i) => 1.4 * Math.sin((i + 31 * phase) ** 2 * 0.37 + phase));
}

/** What results are multiplied by before they are summed. */
function factorsOf(shape: readonly number[]): Tensor {
  return tf.tensor(valuesOf(shape, 0), [...shape]);
}

function weightedSum(x: Tensor, factors: Tensor): Tensor {
  return differentiable([x], {
    forward(save) {
      save?.(factors);
      return tf.sum(tf.mul(x, factors));
    },
    backward: (dy, [kept]) => [tf.mul(dy, kept as Tensor)],
  });
}

/**
 * Runs an operation and differentiates a weighted sum of its result.
 *
 * @param change of the inputs' values
 * @returns the result under "value", and the gradient of each input under its number
 */
export function differentiate(
  operation: OperationCase,
  dtype: FloatDtype,
  change = (values: Float32Array, _input: number): Float32Array => values,
  rate = 0,
): Map<string, Float32Array> {
  const weights = makeWeights(operation, change);
  const dropout = rate > 0 ? new DropoutStream(SEED, 0) : undefined;
  const results = new Map<string, Float32Array>();
  const { value, gradients } = gradientsOf<Parameter>(() =>
    tf.tidy(() => {
      const inputs = weights.map((weight, i) => asDtype(leaf(weight), operation.exact.includes(i) ? "float32" : dtype));
      const result = asDtype(operation.run(inputs, weights, { rate, dropout }), "float32");
      results.set("value", result.dataSync().slice() as Float32Array);
      return weightedSum(result, factorsOf(result.shape));
    }),
  );
  weights.forEach((weight, i) => {
    results.set(`gradient ${i}`, gradients.get(weight)?.dataSync().slice() as Float32Array);
  });
  tf.dispose([value, ...gradients.values()]);
  for (const weight of weights) weight.dispose();
  return results;
}

/** As {@link differentiate}, by the operation's formula with the kernels' mask and tfjs's own differentiation. */
export function maskedFormula(operation: OperationCase, dtype: FloatDtype, rate: number): Map<string, Float32Array> {
  const weights = makeWeights(operation, (values) => values);
  const results = new Map<string, Float32Array>();
  tf.tidy(() => {
    const inputs = weights.map(({ value }, i) =>
      operation.exact.includes(i) ? (value as Tensor) : cast(cast(value as Tensor, dtype), "float32"),
    );
    const formula = (...x: Tensor[]): Tensor => operation.masked?.(x, rate) as Tensor;
    const result = formula(...inputs);
    results.set("value", result.dataSync() as Float32Array);
    const factors = factorsOf(result.shape);
    const gradients = tf.grads((...x: Tensor[]) => tf.sum(tf.mul(formula(...x), factors)))(inputs);
    gradients.forEach((gradient, i) => {
      results.set(`gradient ${i}`, gradient.dataSync() as Float32Array);
    });
  });
  for (const weight of weights) weight.dispose();
  return results;
}

function makeWeights(
  { inputs }: OperationCase,
  change: (values: Float32Array, input: number) => Float32Array,
): Parameter[] {
  return inputs.map((shape, i) => {
    const values = change(valuesOf(shape, i + 1), i);
    return new Parameter(`input ${i}`, tf.tensor(values, [...shape]), true);
  });
}

/** x · factor; every second way's gradient is bfloat16, as a frozen matrix in bfloat16 gives it. */
function times(x: Tensor2D, factor: number): Tensor2D {
  return differentiable([x], {
    forward: () => tf.mul(cast(x, "float32"), factor / 7),
    backward: (dy) => [cast(tf.mul(dy, factor / 7), factor % 2 === 0 ? "bfloat16" : "float32")],
  });
}

function addBoth(a: Tensor2D, b: Tensor2D): Tensor2D {
  return differentiable([a, b], {
    forward: () => tf.add(a, b),
    backward: (dy) => [() => tf.clone(dy), () => tf.clone(dy)],
  });
}
