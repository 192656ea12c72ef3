/** `npm run doctor`: one screen about this machine, with what is there, what is missing, and the command that mends it. */
import { doctor } from "./doctor/screen.mjs";
import { refuseOptions, runMain } from "./setup/setup-error.mjs";

await runMain(() => {
  refuseOptions("npm run doctor", process.argv.slice(2));
  return doctor();
});
