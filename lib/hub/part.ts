/** Unfinished downloads in a cache: a process writes its own, and goes on with what another has left. */
import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Milliseconds after which a file that nobody writes is taken for left behind. */
const LEFT = 60_000;

/** Bytes of a file; 0 where there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The file into which this process downloads a blob: a new one, or the longest that was left unfinished.
 *
 * Renaming is what claims a file: of two processes only one succeeds, and nobody else writes into what is checked and kept.
 * Python's processes lock in a way that cannot be seen from here, so their files must not have been written for a while.
 *
 * @param locked whether no other process that asks for locks downloads the blob
 */
export function claimPart(blob: string, locked: boolean): string {
  const own = `${blob}.${process.pid}-${randomBytes(4).toString("hex")}.incomplete`;
  const [folder, name] = [dirname(blob), basename(blob)];
  const left = readdirSync(folder)
    .filter((entry) => entry.startsWith(`${name}.`) && entry.endsWith(".incomplete"))
    .filter((entry) => (locked && /\.\d+-[0-9a-f]{8}\.incomplete$/.test(entry)) || isIdle(join(folder, entry)))
    .sort((a, b) => sizeOf(join(folder, b)) - sizeOf(join(folder, a)));
  for (const entry of left) {
    try {
      renameSync(join(folder, entry), own);
      const now = new Date();
      utimesSync(own, now, now);
      return own;
    } catch {
      // Another process was faster.
    }
  }
  return own;
}

function isIdle(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && Date.now() - stats.mtimeMs > LEFT;
}
