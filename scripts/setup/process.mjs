import { readFileSync } from "node:fs";

/**
 * @param {number} id
 * @returns {boolean} whether there is such a process, at work and not dead already
 */
export function isAlive(id) {
  try {
    process.kill(id, 0);
    // One that was killed keeps its number until its parent takes notice; in a container that may be never.
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
