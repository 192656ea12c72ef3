/** Folders that make room for a while. */
import { existsSync, renameSync, rmSync } from "node:fs";

/**
 * Frees a folder's place for some work: what is there moves aside for the time and comes back at the end, also when the
 * work fails. What the work has left there goes.
 * @throws Error when something is aside already: whoever moved it was killed, and it may be all there is
 */
export async function setAside<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const aside = `${folder}.aside`;
  if (existsSync(aside)) {
    throw new Error(
      `\`${aside}\`: expected nothing, got what was moved aside by a command that was killed. Move it back to ${folder}, or delete it.`,
    );
  }
  const wasThere = existsSync(folder);
  if (wasThere) renameSync(folder, aside);
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (wasThere) renameSync(aside, folder);
  }
}
