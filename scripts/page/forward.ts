/** A classifier's forward pass in plain JavaScript, for a page without server: one text at a time, no library, no DOM. */

import type { LayerPaths } from "../../lib/model/families";

/** Weights by Hugging Face's names. */
export type Weights = Readonly<Record<string, Float32Array>>;

/** What the pass needs to know of a model. */
export interface Shape {
  hiddenSize: number;
  heads: number;
  layerNormEps: number;
  /** Path of the embeddings. */
  embeddings: string;
  /** Number of the first token's position. */
  firstPosition: number;
  /** Path of each layer. */
  layers: readonly string[];
  /** Paths of a layer's parts, below it. */
  layer: LayerPaths;
  head: { first: string; second: string; activation: "tanh" | "relu" };
}

/**
 * @param ids the text's tokens, special ones included
 * @returns the probability of each label
 */
export function probabilities(shape: Shape, weights: Weights, ids: readonly number[]): number[] {
  let x = embed(shape, weights, ids);
  for (const path of shape.layers) x = layer(shape, weights, path, x);
  const { first, second, activation } = shape.head;
  const act = activation === "tanh" ? Math.tanh : (v: number): number => Math.max(v, 0);
  return softmax([...linear(weights, second, linear(weights, first, x.slice(0, shape.hiddenSize), 1).map(act), 1)]);
}

/**
 * W + B · A, as LoRA changes a weight.
 *
 * @param weight [outputs, inputs]
 * @param a [rank, inputs]
 * @param b [outputs, rank], scaled
 */
export function withUpdate(weight: Float32Array, a: Float32Array, b: Float32Array, rank: number): Float32Array {
  const inputs = a.length / rank;
  return weight.map((value, i) => {
    const [output, input] = [Math.floor(i / inputs), i % inputs];
    let sum = value;
    for (let k = 0; k < rank; k++) sum += (b[output * rank + k] as number) * (a[k * inputs + input] as number);
    return sum;
  });
}

function named(weights: Weights, name: string): Float32Array {
  const values = weights[name];
  if (values === undefined) throw new Error(`\`${name}\`: expected these weights, got none.`);
  return values;
}

function embed(shape: Shape, weights: Weights, ids: readonly number[]): Float32Array {
  const { hiddenSize: size, embeddings, firstPosition } = shape;
  const words = named(weights, `${embeddings}.word_embeddings.weight`);
  const positions = named(weights, `${embeddings}.position_embeddings.weight`);
  const types = weights[`${embeddings}.token_type_embeddings.weight`];
  const x = new Float32Array(ids.length * size);
  ids.forEach((id, t) => {
    for (let i = 0; i < size; i++) {
      x[t * size + i] =
        (words[id * size + i] as number) + (positions[(t + firstPosition) * size + i] as number) + (types?.[i] ?? 0);
    }
  });
  return norm(shape, weights, `${embeddings}.LayerNorm`, x);
}

function layer(shape: Shape, weights: Weights, path: string, x: Float32Array): Float32Array {
  const rows = x.length / shape.hiddenSize;
  const part = (name: keyof LayerPaths): string => `${path}.${shape.layer[name]}`;
  const of = (name: "query" | "key" | "value"): Float32Array => linear(weights, part(name), x, rows);
  const seen = linear(weights, part("attentionOutput"), attention(shape, of("query"), of("key"), of("value")), rows);
  const middle = norm(shape, weights, part("attentionNorm"), sum(seen, x));
  const inner = linear(weights, part("intermediate"), middle, rows).map(gelu);
  return norm(shape, weights, part("outputNorm"), sum(linear(weights, part("output"), inner, rows), middle));
}

function attention(
  { hiddenSize: size, heads }: Shape,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
): Float32Array {
  const [rows, width] = [q.length / size, size / heads];
  const y = new Float32Array(rows * size);
  for (let at = 0; at < size; at += width) {
    for (let t = 0; t < rows; t++) {
      const from = t * size + at;
      const scores = Array.from({ length: rows }, (_, u) => dot(q, from, k, u * size + at, width) / Math.sqrt(width));
      softmax(scores).forEach((share, u) => {
        for (let i = 0; i < width; i++)
          y[from + i] = (y[from + i] as number) + share * (v[u * size + at + i] as number);
      });
    }
  }
  return y;
}

/** x · Wᵀ + b, of [rows, inputs] and [outputs, inputs]. */
function linear(weights: Weights, path: string, x: Float32Array, rows: number): Float32Array {
  const [matrix, bias] = [named(weights, `${path}.weight`), named(weights, `${path}.bias`)];
  const inputs = x.length / rows;
  return Float32Array.from({ length: rows * bias.length }, (_, i) => {
    const [row, output] = [Math.floor(i / bias.length), i % bias.length];
    return (bias[output] as number) + dot(x, row * inputs, matrix, output * inputs, inputs);
  });
}

function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let total = 0;
  for (let i = 0; i < length; i++) total += (a[fromA + i] as number) * (b[fromB + i] as number);
  return total;
}

function norm(
  { hiddenSize: size, layerNormEps }: Shape,
  weights: Weights,
  path: string,
  x: Float32Array,
): Float32Array {
  const [scale, shift] = [named(weights, `${path}.weight`), named(weights, `${path}.bias`)];
  const y = new Float32Array(x.length);
  for (let from = 0; from < x.length; from += size) {
    const row = x.subarray(from, from + size);
    const mean = row.reduce((total, v) => total + v, 0) / size;
    const variance = row.reduce((total, v) => total + (v - mean) ** 2, 0) / size;
    const deviation = Math.sqrt(variance + layerNormEps);
    row.forEach((v, i) => {
      y[from + i] = ((v - mean) / deviation) * (scale[i] as number) + (shift[i] as number);
    });
  }
  return y;
}

function softmax(values: readonly number[]): number[] {
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / total);
}

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + (b[i] as number));

const gelu = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));

/** The error function: its series near 0, its continued fraction further out. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 3) {
    let fraction = 0;
    for (let k = 40; k > 0; k--) fraction = k / 2 / (size + fraction);
    return Math.sign(x) * (1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction)));
  }
  let [total, term] = [size, size];
  for (let n = 1; n < 60 && Math.abs(term) > 1e-12; n++) {
    term *= (-size * size) / n;
    total += term / (2 * n + 1);
  }
  return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * total;
}
