import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { releaseLock, takeLock } from "../../lib/process/lock";
import { temporaryFolder } from "../support/folders";

/** A number that no process has. */
const GONE = 2 ** 22 + 1;

function lockOf(process: number, host: string, file = join(temporaryFolder(), "lock")): string {
  writeFileSync(file, JSON.stringify({ process, host }));
  return file;
}

test("a lock is held until it is given back, and names its holder", () => {
  const file = lockOf(process.ppid, hostname());
  assert.deepEqual(takeLock(file), { process: process.ppid, host: hostname() });
  releaseLock(file);
  assert.equal(takeLock(file), undefined);
  assert.deepEqual(readdirSync(join(file, "..")), ["lock"]);
});

test("the lock of a process that is gone is taken over, as is an empty one; that of another host is not", () => {
  assert.equal(takeLock(lockOf(GONE, hostname())), undefined);
  const empty = join(temporaryFolder(), "lock");
  writeFileSync(empty, "");
  assert.equal(takeLock(empty), undefined);
  assert.deepEqual(takeLock(lockOf(GONE, "elsewhere")), { process: GONE, host: "elsewhere" });
});

test("of four processes that want a lock at one moment, free or stale, exactly one gets it", {
  timeout: 120_000,
}, async (t) => {
  const [folder, count] = [temporaryFolder(), 60];
  for (let i = 0; i < count; i += 2) lockOf(GONE, hostname(), join(folder, String(i)));
  const script = join(__dirname, "../support/lock-child.ts");
  const given = [folder, `${count}`, `${Date.now() + 6000}`];
  const taken = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const child = spawn(process.execPath, ["--import", "tsx", script, ...given], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      t.after(() => child.kill());
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      return JSON.parse(line.toString()) as number[];
    }),
  );
  assert.deepEqual(
    taken.flat().sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
});
