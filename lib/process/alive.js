/** Tells whether a process is running. Plain JavaScript, since set-up uses it before anything is compiled. */
const { readFileSync } = require("node:fs");

/**
 * @param {number} id
 * @returns {boolean} whether the process exists and is not a zombie
 */
function isAlive(id) {
  try {
    process.kill(id, 0);
  } catch (error) {
    // Another user's process is alive.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPERM") return false;
  }
  try {
    // A zombie keeps its number until its parent waits for it; in a container that may be never.
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return true; // macOS has no /proc
  }
}

module.exports = { isAlive };
