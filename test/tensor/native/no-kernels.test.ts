import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { prefersFewOperations } from "../../../lib/tensor/gpu-path";
import { fusedKernels } from "../../../lib/tensor/native/library";

const off = process.env.ETHICS_KERNELS === "off";

test("missing kernels are looked for once, and on a GPU never", { skip: off }, (t) => {
  const exists = t.mock.method(fs, "existsSync", () => false);
  process.env.ETHICS_GPU_PATH = "on";
  for (let i = 0; i < 3; i++) assert.equal(fusedKernels(), undefined);
  assert.equal(exists.mock.callCount(), 0);
  delete process.env.ETHICS_GPU_PATH;
  for (let i = 0; i < 3; i++) assert.equal(fusedKernels(), undefined);
  assert.equal(exists.mock.callCount(), prefersFewOperations() ? 0 : 1);
});
