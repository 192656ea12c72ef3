/** What it means when the cache's folder cannot be written, in words. */
import { codeOf, HubError } from "./error";

const FULL = ["ENOSPC", "EDQUOT"];
const REFUSED = ["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "ELOOP", "EISDIR", "ERR_FS_EISDIR"];

/**
 * Runs work that writes into the cache.
 *
 * @throws {HubError} the disk is full, or the folder refuses what is written
 */
export async function inCache<T>(cache: string, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof HubError ? undefined : codeOf(error);
    const elsewhere = "set HF_HUB_CACHE to a folder";
    if (code !== undefined && FULL.includes(code)) {
      const remedy = `Make room or ${elsewhere} on another disk, and run it again: downloads go on where they stopped.`;
      throw new HubError(
        "cache",
        `\`${id}\`: expected room in the cache ${cache}, got a full disk (${code}). ${remedy}`,
      );
    }
    if (code !== undefined && REFUSED.includes(code)) {
      const place = (error as NodeJS.ErrnoException).path ?? cache;
      const remedy = `Allow it, or ${elsewhere} that can be written.`;
      throw new HubError(
        "cache",
        `\`${id}\`: expected to write into the cache ${cache}, got ${code} at ${place}. ${remedy}`,
      );
    }
    throw error;
  }
}

/** Writes a note that may be missing: a cache that cannot be written is read without it. */
export function noteIfPossible(write: () => void): void {
  try {
    write();
  } catch (error) {
    // Node's mkdir says ENOENT for a folder that it may not make.
    if (!["EACCES", "EPERM", "EROFS", "ENOENT", ...FULL].includes(codeOf(error) ?? "")) throw error;
  }
}
