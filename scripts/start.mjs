/** `npm start`: set-up where needed, then the notebook from the first cell to the last, with the given options. */
import { passThrough } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const options = process.argv.slice(2);
  // The help needs no more than the packages.
  await setUp(options.includes("--help") ? [nodePackages] : undefined);
  const main = inProject("scripts", "notebook", "main.ts");
  return passThrough(process.execPath, ["--import", "tsx", main, ...options]);
});
