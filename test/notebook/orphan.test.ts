/** A notebook's kernel ends with the process that drives it, however that one ends. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../lib/process/alive";
import { startCells } from "../support/cells";
import { temporaryFolder } from "../support/folders";

/** A cell that appends to a file without end, with a child process beside it, after it has written both process numbers. */
function endlessCell(folder: string, rest: string): string {
  const [processes, growing] = [join(folder, "processes"), join(folder, "growing")];
  return `import * as fs from "fs";
import { spawn } from "child_process";
const child = spawn("sleep", ["600"], { stdio: "ignore" });
const grow = () => fs.appendFileSync(${JSON.stringify(growing)}, "x");
fs.writeFileSync(${JSON.stringify(processes)}, process.pid + " " + child.pid + "\\n");
for (;;) { grow(); ${rest} }`;
}

async function startEndless(context: TestContext, rest: string) {
  const { signal } = context;
  const folder = temporaryFolder();
  const { child, files } = startCells(folder, endlessCell(folder, rest));
  context.after(() => void child.kill("SIGKILL"));
  child.stdout?.resume();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const sign = join(folder, "processes");
  const begun = (): boolean => existsSync(sign) && readFileSync(sign, "utf8").endsWith("\n");
  while (child.exitCode === null && child.signalCode === null && !begun()) await pause(20, undefined, { signal });
  assert.ok(begun(), `the notebook ended before its cell ran: ${errors}`);
  const pids = readFileSync(sign, "utf8").trim().split(" ").map(Number);
  context.after(() => pids.filter(isAlive).forEach((pid) => void process.kill(pid, "SIGKILL")));
  assert.ok(pids.length === 2 && pids.every(isAlive));
  return { child, files, pids, growing: join(folder, "growing") };
}

async function assertEnds(context: TestContext, pids: number[], growing: string): Promise<void> {
  for (let i = 0; i < 500 && pids.some(isAlive); i++) await pause(20, undefined, { signal: context.signal });
  assert.deepEqual(pids.map(isAlive), [false, false], "the kernel and its child are alive after ten seconds");
  const { size } = statSync(growing);
  await pause(300, undefined, { signal: context.signal });
  assert.equal(statSync(growing).size, size);
}

test("when whoever started a notebook is gone, the kernel ends too, in the middle of a cell", {
  timeout: 60_000,
}, async (context) => {
  const { child, files, pids, growing } = await startEndless(context, "");
  // What the system does to the pipe when the process at its other end dies.
  child.stdin?.end();
  await once(child, "close", { signal: context.signal });
  await assertEnds(context, pids, growing);
  assert.equal(existsSync(files.executed), false);
});

for (const [how, rest] of [
  ["computes", ""],
  ["waits", "await new Promise((done) => setTimeout(done, 20));"],
] as const) {
  test(`when the client that runs a notebook is killed, a kernel whose cell ${how} ends, and its child processes with it`, {
    timeout: 60_000,
  }, async (context) => {
    const { child, pids, growing } = await startEndless(context, rest);
    child.kill("SIGKILL");
    await assertEnds(context, pids, growing);
  });
}
