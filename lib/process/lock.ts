/** A lock that one process holds, by a file with its number and host: made whole by one link, so that only one succeeds. */
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { isAlive } from "./alive";

/** Who holds a lock. */
export interface Holder {
  process: number;
  host: string;
}

/** Milliseconds after which a taking over that has not ended was killed. */
const TAKING_OVER = 10_000;

/**
 * Takes a lock, also one that a process of this host has left which is gone. Nobody can see from here whether a process of
 * another host is at work, and a clock that goes wrong would tell the wrong thing: its lock stays until somebody deletes it.
 *
 * @param file in a folder that is there
 * @returns nothing when it was taken, else who holds it
 */
export function takeLock(file: string): Holder | undefined {
  const own = `${file}.${randomUUID()}`;
  try {
    writeFileSync(own, JSON.stringify({ process: process.pid, host: hostname() } satisfies Holder));
    for (;;) {
      if (succeeds(() => linkSync(own, file))) return undefined;
      const holder = holderOf(file);
      if (holder !== undefined && !isStale(holder)) return holder;
      takeOver(file);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Gives a lock back. */
export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}

/** Removes a stale lock. Only one process at a time may: otherwise one could remove what another has just taken. */
function takeOver(file: string): void {
  const turn = `${file}.turn`;
  if (!succeeds(() => mkdirSync(turn))) {
    const began = statSync(turn, { throwIfNoEntry: false })?.mtimeMs;
    if (began !== undefined && Date.now() - began > TAKING_OVER) rmSync(turn, { recursive: true, force: true });
    return;
  }
  try {
    const holder = holderOf(file);
    if (holder !== undefined && isStale(holder)) rmSync(file);
  } finally {
    rmdirSync(turn);
  }
}

/** @returns false where what is to be made is there already */
function succeeds(make: () => void): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** In a container numbers come again soon: ours in a lock that we are about to take is that of a killed process. */
function isStale({ process: id, host }: Holder): boolean {
  return host === hostname() && (id === process.pid || !isAlive(id));
}

/** @returns none where it is gone again */
function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    // A file that a power failure has emptied.
    return { process: process.pid, host: hostname() };
  }
}
