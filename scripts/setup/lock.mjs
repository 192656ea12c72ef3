/** A lock that lets one set-up work at a time. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../lib/process/alive.js";
import { inProject } from "./project.mjs";

/**
 * Takes the set-up's lock, so that of two set-ups at once the second waits for the first.
 * @param {{ folder?: string, say?: (line: string) => void }} [options] where the lock lies; what shows a line
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock({ folder = inProject(".setup"), say = console.log } = {}) {
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
    // In a container numbers come again soon: ours in a lock that we do not hold is that of a set-up that was killed.
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
 * @returns {number | undefined} the process that holds the lock; none while the file is being written or gone again
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
