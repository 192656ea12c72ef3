/** A disk of a few megabytes in memory, to be filled up. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const FILLER = "filler";

/** Mounts one on a folder. @returns false where that is not permitted, or is no Linux */
export function mountDisk(folder: string, kilobytes: number): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "none", folder]).status === 0;
}

export function unmountDisk(folder: string): void {
  spawnSync("umount", [folder]);
}

/** Takes all room that a disk has left. */
export function fillDisk(folder: string): void {
  const descriptor = openSync(join(folder, FILLER), "a");
  for (const size of [1 << 16, 1]) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(descriptor);
}

/** Gives back the room that {@link fillDisk} took. */
export function clearDisk(folder: string): void {
  rmSync(join(folder, FILLER), { force: true });
}
