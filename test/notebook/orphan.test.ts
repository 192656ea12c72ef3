import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../scripts/setup/process.mjs";
import { startCells } from "../support/cells";
import { temporaryFolder } from "../support/folders";

test("when whoever started a notebook is gone, the kernel ends too, in the middle of a cell", {
  timeout: 60_000,
}, async (context) => {
  const { signal } = context;
  const folder = temporaryFolder();
  const sign = join(folder, "kernel.pid");
  const source = `require("fs").writeFileSync(${JSON.stringify(sign)}, String(process.pid)); for (;;) {}`;
  const { child, files } = startCells(folder, source);
  context.after(() => void child.kill("SIGKILL"));
  child.stdout?.resume();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const begun = (): boolean => existsSync(sign) && readFileSync(sign, "utf8") !== "";
  while (child.exitCode === null && child.signalCode === null && !begun()) await pause(20, undefined, { signal });
  assert.ok(begun(), `the notebook ended before its cell ran: ${errors}`);
  const kernel = Number(readFileSync(sign, "utf8"));
  context.after(() => isAlive(kernel) && process.kill(kernel, "SIGKILL"));
  assert.ok(isAlive(kernel));

  // What the system does to the pipe when the process at its other end dies.
  child.stdin?.end();
  await once(child, "close", { signal });
  for (let i = 0; i < 750 && isAlive(kernel); i++) await pause(20, undefined, { signal });
  assert.equal(isAlive(kernel), false);
  assert.equal(existsSync(files.executed), false);
});
