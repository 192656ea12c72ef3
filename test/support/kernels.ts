/** Tests of operations that are computed in several ways: by a fused kernel, or composed of TensorFlow's own. */
import { test } from "node:test";
import { fusedKernels, withoutKernels } from "../../lib/tensor/native/library";
import type { FloatDtype } from "../../lib/tensor/raw-op";

/** Why tests of the fused kernels do not run here; false where they do. */
export const noKernels: string | false =
  fusedKernels() === undefined && "the fused kernels are not built, or switched off";

/** The dtypes of what passes between layers. */
export const DTYPES: readonly FloatDtype[] = ["float32", "bfloat16"];

/** Runs `work` with the few large operations that a GPU gets. */
export function onGpuPath<T>(work: () => T): T {
  const before = process.env.ETHICS_GPU_PATH;
  process.env.ETHICS_GPU_PATH = "on";
  try {
    return withoutKernels(work);
  } finally {
    if (before === undefined) delete process.env.ETHICS_GPU_PATH;
    else process.env.ETHICS_GPU_PATH = before;
  }
}

/** A test that runs once for each way in which operations are computed. @param body has done its work when it returns */
export function testEveryWay(title: string, body: () => void | Promise<void>): void {
  test(`${title} (fused)`, { skip: noKernels }, body);
  test(`${title} (composed)`, () => withoutKernels(body));
  test(`${title} (composed as on a GPU)`, () => onGpuPath(body));
}
