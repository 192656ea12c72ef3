/**
 * Attention out of TensorFlow's own operations, for all sequences at once: rows are padded to the longest. The number of
 * operations does not depend on the batch, which is what counts on a GPU. Axes: batch, queries, keys, heads, size.
 */
import { drawMask, maskOf } from "../../dropout";
import { einsum, gather, scatterSum, sumLast } from "../../raw-math";
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../../tensorflow";
import type { AttentionInput, Span } from "./input";

/** Where the tokens of each span are when all rows are padded to one length. */
interface Layout {
  batch: number;
  queries: number;
  keys: number;
  /** The query in each slot; a filler where there is none. [batch, queries] */
  queryOfSlot: Tensor2D;
  /** The slot of each query. [all queries] */
  slotOfQuery: Tensor1D;
  /** The key in each slot; a filler where there is none. [batch, keys] */
  keyOfSlot: Tensor2D;
  /** `keyOfSlot`, flattened. [batch · keys] */
  tokenOfSlot: Tensor1D;
  /** Added to the scores: 0, and −1e30 for fillers, so that nothing attends to them. [batch, 1, 1, keys] */
  fillers: Tensor4D;
}

function layoutOf(spans: readonly Span[]): Layout {
  const batch = spans.length;
  const queries = Math.max(...spans.map((span) => span.queries));
  const keys = Math.max(...spans.map((span) => span.keys));
  const slots = (width: number, at: (span: Span, i: number) => number): Int32Array =>
    Int32Array.from({ length: batch * width }, (_, i) => at(spans[Math.floor(i / width)] as Span, i % width));
  const queryOfSlot = slots(queries, (span, i) => span.queryStart + (i < span.queries ? i : 0));
  const keyOfSlot = slots(keys, (span, i) => span.keyStart + (i < span.keys ? i : 0));
  const slotOfQuery = spans.flatMap((span, row) => Array.from({ length: span.queries }, (_, i) => row * queries + i));
  const fillers = Float32Array.from(
    slots(keys, (span, i) => (i < span.keys ? 0 : 1)),
    (filler) => filler * -1e30,
  );
  return {
    batch,
    queries,
    keys,
    queryOfSlot: tf.tensor2d(queryOfSlot, [batch, queries], "int32"),
    slotOfQuery: tf.tensor1d(slotOfQuery, "int32"),
    keyOfSlot: tf.tensor2d(keyOfSlot, [batch, keys], "int32"),
    tokenOfSlot: tf.tensor1d(keyOfSlot, "int32"),
    fillers: tf.tensor4d(fillers, [batch, 1, 1, keys]),
  };
}

/** @returns the contexts and, if asked for, what the backward pass needs */
export function paddedAttention(input: AttentionInput, keep: boolean): { context: Tensor2D; kept: Tensor[] } {
  const { q, k, v, heads, rate, key } = input;
  const layout = layoutOf(input.spans);
  const width = q.shape[1];
  const size = width / heads;
  const split = (x: Tensor2D): Tensor => tf.reshape(x, [x.shape[0], heads, size]);
  const qp = gather(split(q), layout.queryOfSlot); // [batch, queries, heads, size]
  const [kp, vp] = [k, v].map((x) => gather<Tensor>(split(x), layout.keyOfSlot)) as [Tensor, Tensor];
  const scores = tf.mul(einsum("bqhs,bkhs->bhqk", qp, kp), 1 / Math.sqrt(size));
  const probabilities = tf.softmax(tf.add(scores, layout.fillers));
  const mask = key === undefined ? undefined : drawMask(probabilities.shape, rate, key);
  const dropped = mask === undefined ? probabilities : mask.apply(probabilities);
  const slots = tf.reshape(einsum("bhqk,bkhs->bqhs", dropped, vp), [layout.batch * layout.queries, width]);
  const context = gather<Tensor2D>(slots, layout.slotOfQuery);
  const masks = mask === undefined ? [] : [mask.kept, dropped];
  return { context, kept: keep ? [qp, kp, vp, probabilities, ...masks] : [] };
}

/** @returns the gradients of q, k and v */
export function paddedAttentionGradient(input: AttentionInput, dy: Tensor, kept: readonly Tensor[]): Tensor[] {
  const { k, heads, rate } = input;
  const [qp, kp, vp, probabilities, drawn, dropped = probabilities] = kept as [Tensor, Tensor, Tensor, Tensor, Tensor?];
  const { batch, queries, keys, slotOfQuery, tokenOfSlot } = layoutOf(input.spans);
  const width = k.shape[1];
  const mask = drawn && maskOf(drawn, rate);
  const slots = scatterSum(dy, slotOfQuery, batch * queries);
  const dContext = tf.reshape(slots, [batch, queries, heads, width / heads]);
  const dv = einsum("bhqk,bqhs->bkhs", dropped, dContext);
  const dDropped = einsum("bqhs,bkhs->bhqk", dContext, vp);
  const dProbabilities = mask === undefined ? dDropped : mask.apply(dDropped);
  const weighted = tf.mul(probabilities, dProbabilities);
  const dSoftmax = tf.sub(weighted, tf.mul(probabilities, sumLast(weighted)));
  const dScores = tf.mul(dSoftmax, 1 / Math.sqrt(width / heads));
  const dq = tf.reshape(einsum("bhqk,bkhs->bqhs", dScores, kp), [batch * queries, width]);
  const dk = einsum("bhqk,bqhs->bkhs", dScores, qp);
  const gathered = [dk, dv].map((x) => scatterSum(tf.reshape(x, [batch * keys, width]), tokenOfSlot, k.shape[0]));
  return [gather(dq, slotOfQuery), ...gathered];
}
