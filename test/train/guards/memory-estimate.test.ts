import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import { type TestContext, test } from "node:test";
import type { Classifier } from "../../../lib/model/classifier";
import { nodeBackend } from "../../../lib/tensor/raw-op";
import { checkMemory, estimateMemory } from "../../../lib/train/guards/memory-estimate";
import { noKernels } from "../../support/kernels";
import { tinyModel } from "../../support/tiny";

const rows = (...lengths: number[]): { inputIds: number[] }[] =>
  lengths.map((length) => ({ inputIds: new Array(length).fill(5) }));

/** A RoBERTa-large without its weights. */
function large(dtype: "float32" | "bfloat16"): Classifier {
  const tiny = tinyModel();
  const sizes = { hiddenSize: 1024, intermediateSize: 4096, numAttentionHeads: 16, numHiddenLayers: 24 };
  const model = Object.create(tiny, { config: { value: { ...tiny.config, ...sizes } }, dtype: { value: dtype } });
  tiny.dispose();
  return model as Classifier;
}

/** Lets the machine have as many bytes free, and the process no limit of its own. */
function setFree(t: TestContext, bytes: number): void {
  t.mock.method(fs, "readFileSync", () => `MemAvailable: ${Math.floor(bytes / 1024)} kB\n`);
  t.mock.method(os, "totalmem", () => bytes + process.memoryUsage.rss());
  t.mock.method(process, "constrainedMemory", () => 0);
}

test("the estimate is near the memory that a process was seen to take", { skip: noKernels }, () => {
  // Peak resident memory over that before the step, forward and backward of these rows with dropout 0.1 and the fused kernels.
  const pass = rows(257, 290, 208, 512);
  const seen = [
    [{ dtype: "float32", gradientCheckpointing: false }, 1.386e9],
    [{ dtype: "float32", gradientCheckpointing: true }, 0.318e9],
    [{ dtype: "bfloat16", gradientCheckpointing: false }, 0.872e9],
    [{ dtype: "bfloat16", gradientCheckpointing: true }, 0.251e9],
  ] as const;
  for (const [{ dtype, ...options }, bytes] of seen) {
    const ratio = estimateMemory(large(dtype), pass, options) / bytes;
    assert.ok(ratio > 0.7 && ratio < 1.2, `${dtype}, ${JSON.stringify(options)}: ${ratio} of what was seen`);
  }
});

const onGpu = nodeBackend().isUsingGpuDevice && "on a GPU nothing is checked";

test("a run whose largest step cannot fit is refused before the first, with what to do", { skip: onGpu }, (t) => {
  const model = large("float32");
  const largest = rows(512, 512);
  setFree(t, 1.01 * estimateMemory(model, largest));
  checkMemory(model, [rows(512), largest, rows(8)], false);
  const refused =
    /needs about [\d.]+ GB of memory: expected that much, got [\d.]+ GB free\. Try gradientCheckpointing: true, a smaller/;
  for (const pass of [rows(512, 512, 512), rows(...new Array(100_000).fill(512))]) {
    assert.throws(() => checkMemory(model, [rows(8), pass], false), refused);
  }
});
