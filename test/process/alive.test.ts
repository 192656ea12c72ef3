import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isAlive } from "../../lib/process/alive";
import { LINUX, zombie } from "../support/zombie";

test("this process and its parent are alive, and one that ended is not", () => {
  assert.ok(isAlive(process.pid) && isAlive(process.ppid));
  assert.equal(isAlive(spawnSync(process.execPath, ["--version"]).pid), false);
});

test("a child that was killed counts as dead before its parent takes notice", LINUX, async (context) => {
  assert.equal(isAlive(await zombie(context)), false);
});
