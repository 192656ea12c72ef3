/** `npm run explore`: set-up where needed, then the notebook that looks at a finished run, on its folder. */
import { passThrough } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const options = process.argv.slice(2);
  await setUp(options.includes("--help") ? [nodePackages] : undefined);
  return passThrough(process.execPath, ["--import", "tsx", inProject("scripts", "notebook", "explore.ts"), ...options]);
});
