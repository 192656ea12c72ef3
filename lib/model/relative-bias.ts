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
  return packed.sequences.map(({ start, length, hidden }) => {
    const places = packed.places.subarray(start, start + length);
    const [queries, keys] = [firstOnly ? places.subarray(0, 1) : places, places.subarray(hidden)];
    const buckets = Int32Array.from({ length: queries.length * keys.length }, (_, i) => {
      const [query, key] = [queries[Math.floor(i / keys.length)], keys[i % keys.length]];
      return distanceBucket((key as number) - (query as number));
    });
    return headsFirst(gatherRows(table, tf.tensor1d(buckets, "int32")), [heads, queries.length, keys.length]);
  });
}

/** [queries · keys, heads] → [heads, queries, keys] */
function headsFirst(x: Tensor2D, shape: [number, number, number]): Tensor3D {
  return differentiable([x], {
    forward: () => tf.reshape(tf.transpose(x), shape),
    backward: (dy) => [tf.transpose(tf.reshape(dy, [shape[0], shape[1] * shape[2]]))],
  });
}
