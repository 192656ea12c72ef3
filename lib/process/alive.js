/** Whether a process is at work. Plain JavaScript, since set-up asks before anything is compiled. */
const { readFileSync } = require("node:fs");

/**
 * @param {number} id
 * @returns {boolean} whether there is such a process, and not only what its parent has not yet taken notice of
 */
function isAlive(id) {
  try {
    process.kill(id, 0);
  } catch (error) {
    // Another user's process is alive.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPERM") return false;
  }
  try {
    // A zombie keeps its number until its parent asks for its end; in a container that may be never.
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return true; // macOS has no /proc
  }
}

module.exports = { isAlive };
