import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../scripts/run/folder";
import { startNotebook } from "../../scripts/run/jupyter";
import { writeNotebook } from "../../scripts/run/notebook";
import { temporaryFolder } from "../support/folders";

test("when whoever started a notebook is gone, the kernel ends too, in the middle of a cell", {
  timeout: 60_000,
}, async () => {
  const folder = temporaryFolder();
  const file = (name: string): string => join(folder, name);
  const sign = file("kernel.pid");
  const source = `require("fs").writeFileSync(${JSON.stringify(sign)}, String(process.pid)); for (;;) {}`;
  writeNotebook(file("in.ipynb"), {
    cells: [{ cell_type: "code", id: "endless", metadata: {}, source, execution_count: null, outputs: [] }],
    metadata: { kernelspec: { name: "tslab", display_name: "TypeScript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
  const outputs = { executed: file("out"), failed: file("failed"), html: file("html"), kernelOutput: file("kernel") };
  const child = startNotebook({ notebook: file("in.ipynb"), ...outputs });
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
  assert.equal(existsSync(outputs.executed), false);
});
