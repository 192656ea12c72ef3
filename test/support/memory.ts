/** What TensorFlow holds, before and after. */
import assert from "node:assert/strict";
import { tf } from "../../lib/tensor/tensorflow";

/** Tensors that tfjs counts, and the handles behind them, which also raw operations make. */
export function held(): { tensors: number; handles: number } {
  const backend = tf.backend() as unknown as { numDataIds(): number };
  return { tensors: tf.memory().numTensors, handles: backend.numDataIds() };
}

/** Runs `work` and fails when it leaves a tensor or a handle behind, or frees one that is not its own. */
export async function assertNothingKept<T>(work: () => T | Promise<T>): Promise<T> {
  const before = held();
  const result = await work();
  assert.deepEqual(held(), before, "tensors and handles after the work");
  return result;
}
