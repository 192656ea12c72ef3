/** Attention out of TensorFlow's own operations, one sequence after the other. */
import { applyMask, type DropoutKey } from "../../dropout";
import { sumLast } from "../../raw-math";
import { type Tensor, type Tensor2D, type Tensor3D, tf } from "../../tensorflow";
import type { AttentionInput, Span } from "./input";

/** @returns the contexts and, if asked for, the probabilities of each span */
export function composedAttention(input: AttentionInput, keep: boolean): { context: Tensor2D; kept: Tensor[] } {
  const { spans, bias } = input;
  const parts = spans.map((span, i) =>
    tf.tidy(() => {
      const { qh, kh, vh } = splitHeads(input, span);
      const scores = tf.mul(tf.matMul(qh, kh, false, true), 1 / Math.sqrt(qh.shape[2])); // [heads, queries, keys]
      const probabilities = tf.softmax(bias === undefined ? scores : tf.add(scores, bias[i] as Tensor)) as Tensor3D;
      const context = mergeHeads(tf.matMul(drop(probabilities, input, i), vh));
      return { context, kept: keep ? [probabilities] : [] };
    }),
  );
  const contexts = parts.map(({ context }) => context);
  return { context: tf.concat(contexts, 0), kept: parts.flatMap(({ kept }) => kept) };
}

/** @returns the gradients of q, k and v, and of each span's bias where there is one */
export function composedAttentionGradient(input: AttentionInput, dy: Tensor, kept: readonly Tensor[]): Tensor[] {
  const { k, spans, heads, bias } = input;
  const parts = spans.map((span, i) =>
    tf.tidy(() => {
      const { qh, kh, vh } = splitHeads(input, span);
      const dContext = heads3d(dy as Tensor2D, span.queryStart, span.queries, heads);
      const probabilities = kept[i] as Tensor3D;
      const dv = tf.matMul(drop(probabilities, input, i), dContext, true, false);
      const dProbabilities = drop(tf.matMul(dContext, vh, false, true), input, i);
      const weighted = tf.mul(probabilities, dProbabilities);
      const dScores = tf.sub(weighted, tf.mul(probabilities, sumLast(weighted)));
      const scaled = tf.mul(dScores, 1 / Math.sqrt(qh.shape[2])) as Tensor3D;
      const gradients: Tensor[] = [tf.matMul(scaled, kh), tf.matMul(scaled, qh, true, false), dv].map(mergeHeads);
      return bias === undefined ? gradients : [...gradients, dScores];
    }),
  );
  const dq = tf.concat(
    parts.map(([part]) => part as Tensor2D),
    0,
  );
  const [dk, dv] = [1, 2].map((which) => spread(parts.map((part) => part[which]) as Tensor2D[], spans, k.shape[0]));
  return [dq, dk, dv, ...parts.flatMap((part) => part.slice(3))] as Tensor[];
}

/** Drops values of one span, with a key derived from the input's. */
function drop(x: Tensor3D, { rate, key }: AttentionInput, span: number): Tensor3D {
  if (key === undefined) return x;
  const own: DropoutKey = [key[0], (key[1] << 12) ^ span];
  return applyMask(x, rate, own) as Tensor3D;
}

/** The three inputs of one span, as [heads, queries or keys, headSize]. */
function splitHeads({ q, k, v, heads }: AttentionInput, span: Span): { qh: Tensor3D; kh: Tensor3D; vh: Tensor3D } {
  const { queryStart, queries, keyStart, keys } = span;
  return {
    qh: heads3d(q, queryStart, queries, heads),
    kh: heads3d(k, keyStart, keys, heads),
    vh: heads3d(v, keyStart, keys, heads),
  };
}

/** Rows of a packed matrix, divided into heads. [tokens, hidden] → [heads, length, headSize] */
function heads3d(x: Tensor2D, start: number, length: number, heads: number): Tensor3D {
  const width = x.shape[1];
  return tf.transpose(tf.reshape(tf.slice(x, [start, 0], [length, width]), [length, heads, width / heads]), [1, 0, 2]);
}

/** [heads, tokens, headSize] → [tokens, hidden] */
function mergeHeads(x: Tensor): Tensor2D {
  const [heads, tokens, headSize] = x.shape as [number, number, number];
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [tokens, heads * headSize]);
}

/** Gradients of the keys, one matrix a span, in their places; zeros for tokens that nothing attends to. */
function spread(parts: Tensor2D[], spans: readonly Span[], tokens: number): Tensor2D {
  const pieces: Tensor2D[] = [];
  let next = 0;
  const fill = (to: number, width: number): void => {
    if (to > next) pieces.push(tf.zeros([to - next, width]));
  };
  parts.forEach((part, i) => {
    const { keyStart, keys } = spans[i] as Span;
    fill(keyStart, part.shape[1]);
    pieces.push(part);
    next = keyStart + keys;
  });
  fill(tokens, parts[0]?.shape[1] as number);
  return tf.concat(pieces, 0);
}
