/** `npm run check`: format, lint and types of the whole repository, in seconds. */
import { checkSources } from "./checks/sources.mjs";
import { refuseOptions, runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  refuseOptions("npm run check", process.argv.slice(2));
  await setUp([nodePackages]);
  return checkSources();
});
