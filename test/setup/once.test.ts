import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import { takeLock } from "../../scripts/setup/lock.mjs";
import { hashOf, isMadeFrom, stamp, swapIn, unstamp } from "../../scripts/setup/stamps.mjs";
import { temporaryFolder } from "../support/folders";

let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
});

test("a folder counts as made only from the very ingredients of its stamp", () => {
  const made = join(folder, "made");
  assert.equal(isMadeFrom(made, { version: 1 }), false);
  stamp(made, { version: 1 });
  assert.equal(isMadeFrom(made, { version: 1 }), true);
  assert.equal(isMadeFrom(made, { version: 2 }), false);
  unstamp(made);
  assert.equal(isMadeFrom(made, { version: 1 }), false);
});

test("the hash of sources changes with a byte, a name and a new file", () => {
  writeFileSync(join(folder, "a"), "1");
  const first = hashOf(folder);
  assert.equal(hashOf(folder), first);
  writeFileSync(join(folder, "a"), "2");
  const second = hashOf(folder);
  writeFileSync(join(folder, "b"), "");
  assert.equal(new Set([first, second, hashOf(folder)]).size, 3);
});

test("a finished folder takes the place of the old one as a whole", () => {
  for (const name of ["new", "place"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, `from-${name}`), "");
  }
  swapIn(join(folder, "new"), join(folder, "place"));
  assert.ok(existsSync(join(folder, "place", "from-new")));
  assert.ok(!existsSync(join(folder, "place", "from-place")));
  assert.ok(!existsSync(join(folder, "new")) && !existsSync(join(folder, "place.old")));
});

test("a set-up waits for another running one and says so once", async () => {
  const lines: string[] = [];
  writeFileSync(join(folder, "lock"), String(process.ppid));
  const second = takeLock({ folder, say: (line) => lines.push(line) });
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", new RegExp(`process ${process.ppid}`));
  rmSync(join(folder, "lock"));
  (await second)();
  assert.ok(!existsSync(join(folder, "lock")));
});

test("a lock file with the number of this very process was left by a set-up that was killed, and is taken over", async () => {
  writeFileSync(join(folder, "lock"), String(process.pid));
  const giveBack = await takeLock({ folder, say: (line) => assert.fail(line) });
  giveBack();
  assert.ok(!existsSync(join(folder, "lock")));
});

test("the lock of a process that no longer runs is taken over", async () => {
  const { pid } = spawnSync(process.execPath, ["--eval", ""]);
  writeFileSync(join(folder, "lock"), String(pid));
  const giveBack = await takeLock({ folder, say: (line) => assert.fail(line) });
  assert.equal(readFileSync(join(folder, "lock"), "utf8"), String(process.pid));
  giveBack();
});
