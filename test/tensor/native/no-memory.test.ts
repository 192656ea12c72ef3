import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { noKernels } from "../../support/kernels";

const prlimit = spawnSync("prlimit", ["--version"]).status === 0;
const child = join(__dirname, "..", "..", "support", "no-memory-child.ts");

test("a kernel that gets no memory is an error, and the process goes on", {
  skip: noKernels || (!prlimit && "there is no prlimit"),
}, () => {
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--import", "tsx", child], { encoding: "utf8" });
  const line = stdout.split("\n").find((text) => text.startsWith("{"));
  assert.ok(line, `${signal}: ${stdout}${stderr}`);
  const { message, ...rest } = JSON.parse(line) as { message: string };
  assert.match(message, /EthicsAttention: expected more memory/);
  assert.deepEqual(rest, { status: 0, before: 1, after: 1 });
});
