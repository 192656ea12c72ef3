/** A lock that lets one set-up work at a time. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../lib/process/alive.js";
import { paths } from "./project.mjs";

/**
 * Takes the set-up's lock, waiting for another set-up that holds it.
 * @param {{ folder?: string, say?: (line: string) => void }} [options] folder of the lock; prints a line
 * @returns {Promise<() => void>} releases the lock
 */
export async function takeLock({ folder = paths.state, say = console.log } = {}) {
  const file = join(folder, "lock");
  mkdirSync(folder, { recursive: true });
  let told = false;
  while (true) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const holder = holderOf(file);
    // In a container process ids recur soon: a lock with our own id was left by a set-up that was killed.
    if (holder !== undefined && (holder === process.pid || !isAlive(holder))) {
      clearStale(file);
    } else {
      if (!told)
        say(`Another set-up is at work here (process ${holder}); waiting for it. If there is none, delete ${file}.`);
      told = true;
      await sleep(200);
    }
  }
}

/**
 * @param {string} file
 * @returns {number | undefined} the id of the process that holds the lock; undefined while the file is being written or removed
 */
function holderOf(file) {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Of several waiters that see the same dead holder, only one can rename the file.
 * @param {string} file
 */
function clearStale(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside);
  } catch {
    // Another waiter was first.
  }
}
