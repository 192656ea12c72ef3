/** Static checks of the sources: format, lint and types. */
import { join } from "node:path";
import { passThrough } from "../setup/child.mjs";
import { inProject, paths } from "../setup/project.mjs";

/**
 * Checks format and lint in parallel with types, which are cached between runs.
 * @returns {Promise<number>} the first exit code that is not 0, or 0
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
 * Runs Node and prints the outcome with its time.
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
