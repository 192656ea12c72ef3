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
}, async () => {
  const folder = temporaryFolder();
  const sign = join(folder, "kernel.pid");
  const source = `require("fs").writeFileSync(${JSON.stringify(sign)}, String(process.pid)); for (;;) {}`;
  const { child, files } = startCells(folder, source);
  child.stdout?.resume();
  child.stderr?.resume();
  while (!existsSync(sign) || readFileSync(sign, "utf8") === "") await pause(20);
  const kernel = Number(readFileSync(sign, "utf8"));
  assert.ok(isAlive(kernel));

  // What the system does to the pipe when the process at its other end dies.
  child.stdin?.end();
  await once(child, "close");
  for (let i = 0; i < 100 && isAlive(kernel); i++) await pause(20);
  assert.equal(isAlive(kernel), false);
  assert.equal(existsSync(files.executed), false);
});
