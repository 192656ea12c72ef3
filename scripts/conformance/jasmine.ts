/** jasmine-core, which tfjs's specs are written for. Nothing else needs it, so it is installed aside, once. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = "jasmine-core@5.13.0";

/**
 * Installs it where it is not there yet.
 *
 * @returns the folder of packages that has it, for NODE_PATH
 * @throws {Error} the registry cannot be reached
 */
export function jasmineFolder(): string {
  const aside = join(__dirname, "..", "..", ".setup", PACKAGE);
  const folder = join(aside, "node_modules");
  // npm writes it last.
  if (!existsSync(join(folder, ".package-lock.json"))) {
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
    execFileSync("npm", ["install", "--prefix", aside, ...options, PACKAGE], { stdio: "pipe", timeout: 180_000 });
  }
  return folder;
}
