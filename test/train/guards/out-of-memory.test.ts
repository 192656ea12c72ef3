import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { nodeBackend } from "../../../lib/tensor/raw-op";
import { withMemoryAdvice } from "../../../lib/train/guards/out-of-memory";

const prlimit = spawnSync("prlimit", ["--version"]).status === 0;

test("memory that runs out in training or evaluation is an error with what to do", {
  skip: (!prlimit && "there is no prlimit") || (nodeBackend().isUsingGpuDevice && "the limit is the processor's"),
}, () => {
  const file = join(__dirname, "../../support/train-no-memory-child.ts");
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--import", "tsx", file], { encoding: "utf8" });
  assert.match(stdout, /^\{.*\}\n$/, `${signal}: ${stderr}`);
  const { train, evaluate } = JSON.parse(stdout) as Record<string, string>;
  const message =
    /^step 1: expected enough memory, got no more of it \(.*OOM when allocating.*\)\. Try gradientCheckpointing: true, a smaller/;
  assert.match(train ?? "", message);
  assert.match(evaluate ?? "", /^evaluation: expected enough memory, .* Try a smaller perDeviceEvalBatchSize/);
});

test("the message of a GPU whose memory ran out is explained, any other error is left as it is", () => {
  const onGpu = new Error(
    "Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[4,512,4096] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc",
  );
  const explained = withMemoryAdvice(onGpu, "step 7", "shorter texts") as Error;
  assert.match(explained.message, /^step 7: expected enough memory, .*device:GPU:0.* Try shorter texts\./);
  assert.equal(explained.cause, onGpu);
  const other = new Error("Incompatible shapes");
  assert.equal(withMemoryAdvice(other, "step 7", "shorter texts"), other);
});
