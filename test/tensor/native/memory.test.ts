import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { noKernels } from "../../support/kernels";

/** What a program of test/support prints as JSON. */
function runChild<T>(name: string, variables: Record<string, string> = {}): T {
  const file = join(__dirname, "..", "..", "support", name);
  const env = { ...process.env, ...variables };
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--import", "tsx", file], { encoding: "utf8", env });
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  assert.ok(line, `${signal}: ${stdout}${stderr}`);
  return JSON.parse(line) as T;
}

const prlimit = spawnSync("prlimit", ["--version"]).status === 0;

test("a kernel that gets no memory is an error, and the process goes on", {
  skip: noKernels || (!prlimit && "there is no prlimit"),
}, () => {
  const { message, ...rest } = runChild<{ message: string }>("no-memory-child.ts");
  assert.match(message, /EthicsAttention: expected more memory/);
  assert.deepEqual(rest, { status: 0, before: 1, after: 1 });
});

test("what TensorFlow lends to a kernel is given back, also after an error", { skip: noKernels }, () => {
  // glibc then gives back to the system at once what is freed; else it may keep hundreds of MB for later.
  const variables = { MALLOC_MMAP_THRESHOLD_: "65536" };
  const { grown, ...rest } = runChild<{ grown: number }>("lent-memory-child.ts", variables);
  // One of the four matrices kept each time would be 143 MB.
  assert.ok(grown < 70, `${grown.toFixed(0)} MB`);
  assert.deepEqual(rest, { left: 0, errors: 120 });
});
