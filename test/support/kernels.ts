/** Tests of operations that are computed in two ways: by a fused kernel, and composed of TensorFlow's own. */
import { test } from "node:test";
import { fusedKernels, withoutKernels } from "../../lib/runtime/kernels";
import type { FloatDtype } from "../../lib/runtime/raw-op";

/** Why tests of the fused kernels do not run here; false where they do. */
export const noKernels: string | false =
  fusedKernels() === undefined && "the fused kernels are not built, or switched off";

/** The dtypes of what passes between layers. */
export const DTYPES: readonly FloatDtype[] = ["float32", "bfloat16"];

/** A test that runs with the fused kernels and without them. @param body has done its work when it returns */
export function testBothWays(title: string, body: () => void | Promise<void>): void {
  test(`${title} (fused)`, { skip: noKernels }, body);
  test(`${title} (composed)`, () => withoutKernels(body));
}
