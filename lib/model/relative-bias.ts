/** What attention adds to its scores by the distance of two tokens (MPNet, after T5: Raffel et al., 2020). */
import { differentiable, type Learnable } from "../tensor/autodiff";
import { gatherRows } from "../tensor/ops/basics";
import { type Tensor2D, type Tensor3D, tf } from "../tensor/tensorflow";
import { distanceBucket } from "./families/mpnet";
import type { PackedBatch } from "./packing";

/**
 * @param table [buckets, heads]
 * @param firstOnly whether only each row's first token asks
 * @returns the biases of each row, [heads, queries, keys]
 */
export function relativeBias(table: Learnable, packed: PackedBatch, firstOnly: boolean): Tensor3D[] {
  const heads = table.value.shape[1] as number;
  const buckets = bucketsOf(packed, firstOnly);
  return packed.sequences.map(({ length, hidden }, i) => {
    const rows = gatherRows(table, tf.tensor1d(buckets[i] as Int32Array, "int32"));
    return headsFirst(rows, [heads, firstOnly ? 1 : length, length - hidden]);
  });
}

/** Those of all tokens, which each layer asks for. */
const known = new WeakMap<PackedBatch, Int32Array[]>();

/** The bucket of each query's distance to each key, by rows. */
function bucketsOf(packed: PackedBatch, firstOnly: boolean): Int32Array[] {
  const before = firstOnly ? undefined : known.get(packed);
  if (before !== undefined) return before;
  const buckets = packed.sequences.map(({ start, length, hidden }) => {
    const places = packed.places.subarray(start, start + length);
    const [queries, keys] = [firstOnly ? places.subarray(0, 1) : places, places.subarray(hidden)];
    return Int32Array.from({ length: queries.length * keys.length }, (_, i) => {
      const [query, key] = [queries[Math.floor(i / keys.length)], keys[i % keys.length]];
      return distanceBucket((key as number) - (query as number));
    });
  });
  if (!firstOnly) known.set(packed, buckets);
  return buckets;
}

/** [queries · keys, heads] → [heads, queries, keys] */
function headsFirst(x: Tensor2D, shape: [number, number, number]): Tensor3D {
  return differentiable([x], {
    forward: () => tf.reshape(tf.transpose(x), shape),
    backward: (dy) => [tf.transpose(tf.reshape(dy, [shape[0], shape[1] * shape[2]]))],
  });
}
