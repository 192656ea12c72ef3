/** `npm run sweep`: set-up where needed, then a training for each combination of parameters. */
import { passThrough } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const options = process.argv.slice(2);
  await setUp(options.includes("--help") ? [nodePackages] : undefined);
  return passThrough(process.execPath, ["--import", "tsx", inProject("scripts", "sweep", "sweep.ts"), ...options]);
});
