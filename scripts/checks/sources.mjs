/** What is checked of the sources without running them. */
import { join } from "node:path";
import { passThrough } from "../setup/child.mjs";
import { inProject, paths } from "../setup/project.mjs";

/**
 * Format and lint beside types, which are remembered: a second check looks at what has changed.
 * @returns {Promise<number>} the exit code of the first that found something, or 0
 */
export async function checkSources() {
  const biome = inProject("node_modules", "@biomejs", "biome", "bin", "biome");
  const memory = ["--incremental", "--tsBuildInfoFile", join(paths.state, "types.json")];
  const codes = await Promise.all([
    timed("format and lint", [biome, "check", "--error-on-warnings", "."]),
    timed("types", [paths.typescript, "--project", "tsconfig.json", ...memory]),
  ]);
  return codes.find((code) => code !== 0) ?? 0;
}

/**
 * Runs Node and tells what came of it, and in how many seconds.
 * @param {string} what
 * @param {string[]} args of Node
 * @returns {Promise<number>} its exit code
 */
export async function timed(what, args) {
  const start = performance.now();
  const code = await passThrough(process.execPath, args, { filterOutput: true });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${what}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  return code;
}
