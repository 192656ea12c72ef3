/** Whether few large operations are better than many small ones, as on a GPU, where each operation costs a launch. */
import { nodeBackend } from "./raw-op";

/** True on a GPU, and with `ETHICS_GPU_PATH=on` in the environment, which tests that path without one. */
export function prefersFewOperations(): boolean {
  return nodeBackend().isUsingGpuDevice || process.env.ETHICS_GPU_PATH === "on";
}
