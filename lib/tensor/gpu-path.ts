/** Whether few large operations are better than many small ones, as on a GPU, where each operation costs a launch. */
import { nodeBackend } from "./raw-op";

/** True on a GPU, and wherever the environment has `ETHICS_GPU_PATH=on`: that path can be tried and counted without one. */
export function prefersFewOperations(): boolean {
  return nodeBackend().isUsingGpuDevice || process.env.ETHICS_GPU_PATH === "on";
}
