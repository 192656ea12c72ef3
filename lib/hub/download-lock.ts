/** Lets one process at a time download a file into the cache that several share; the others wait for it. */
import { mkdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Holder, releaseLock, takeLock } from "../process/lock";

/** Milliseconds between two signs of life of a holder. */
const HEARTBEAT = 5_000;

/** Milliseconds without one after which a holder counts as gone: of another host's process nothing else is known. */
const SILENCE = 60_000;

/** A lock that was asked for. */
export interface DownloadLock {
  /** True where no other process that asks for locks downloads the same file. */
  held: boolean;
  release(): void;
}

const NONE: DownloadLock = { held: false, release: () => {} };

/**
 * Takes the lock for a download, or waits until another process has done it.
 *
 * The lock saves downloads, and nothing else depends on it: each process writes into a file of its own. So a disk that
 * has no locks is used without them.
 *
 * @param isDone whether the file has come meanwhile; then there is nothing to lock
 * @param onWaiting called once with who holds the lock
 */
export async function lockDownload(
  file: string,
  isDone: () => boolean,
  onWaiting: (holder: Holder) => void,
  silence = SILENCE,
): Promise<DownloadLock> {
  let told = false;
  let seen = { sign: Number.NaN, since: performance.now() };
  for (;;) {
    const holder = tryLock(file);
    if (holder === "no locks") return NONE;
    if (holder === undefined) return held(file);
    if (isDone()) return NONE;
    if (!told) onWaiting(holder);
    told = true;
    const sign = signOf(file);
    // Measured by this process's own clock: those of two hosts may differ.
    if (sign !== seen.sign) seen = { sign, since: performance.now() };
    else if (performance.now() - seen.since > silence) rmSync(file, { force: true });
    await pause(200);
  }
}

function tryLock(file: string): Holder | undefined | "no locks" {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return takeLock(file);
  } catch {
    return "no locks";
  }
}

function held(file: string): DownloadLock {
  const heart = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // Another process has taken it over.
    }
  }, HEARTBEAT);
  heart.unref();
  return {
    held: true,
    release: () => {
      clearInterval(heart);
      releaseLock(file);
    },
  };
}

function signOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
