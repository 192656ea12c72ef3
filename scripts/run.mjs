/** Commands such as `npm start`: set-up where needed, then the program of `scripts/` that is named first, with the given options. */
import { passThrough } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const [program = "", ...options] = process.argv.slice(2);
  // The help needs no more than the packages.
  await setUp(options.includes("--help") ? [nodePackages] : undefined);
  return passThrough(process.execPath, ["--import", "tsx", inProject("scripts", program), ...options]);
});
