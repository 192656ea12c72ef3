/** Where set-up puts what it makes. Plain JavaScript, since set-up asks before anything is compiled. */
const { existsSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

const root = join(__dirname, "..", "..");

/** Whether this is the package as npm installs it, rather than the project's own folder: npm packs no lock file. */
const isPackage = !existsSync(join(root, "package-lock.json"));

/**
 * `.setup` in the project's own folder. What packages need lies in the user's cache, where projects share it.
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {string} an absolute path
 */
function stateFolder(environment = process.env) {
  if (!isPackage) return join(root, ".setup");
  const { ETHICS_HOME, XDG_CACHE_HOME } = environment;
  const home = ETHICS_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "ethics-for-robots");
  return resolve(home, `${require("../../package.json").version}-${process.platform}-${process.arch}`);
}

module.exports = { isPackage, stateFolder };
