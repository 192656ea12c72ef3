import { passThrough } from "./setup/child.mjs";
import { inProject } from "./setup/project.mjs";
import { runMain } from "./setup/setup-error.mjs";
import { setUp } from "./setup.mjs";

// The whole story, headless: set-up where needed, then the notebook with the given options.
await runMain(async () => {
  await setUp();
  const main = inProject("scripts", "run", "main.ts");
  return passThrough(process.execPath, ["--import", "tsx", main, ...process.argv.slice(2)]);
});
