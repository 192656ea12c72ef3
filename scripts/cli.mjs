/** `npm run -s cli -- COMMAND`: the commands that need no notebook; set-up first, where needed, on standard error. */

import { runMain } from "./setup/setup-error.mjs";
import { nodePackages } from "./setup/steps/npm.mjs";
import { setUp } from "./setup.mjs";

await runMain(async () => {
  const args = process.argv.slice(2);
  // The doctor makes nothing.
  if (args[0] === "doctor") return (await import("./doctor/screen.mjs")).doctor();
  // The help needs no more than the packages.
  await setUp(args.length === 0 || args.includes("--help") ? [nodePackages] : undefined, process.stderr);
  if (args[0] === "setup") return 0;
  const tsx = await import("tsx/cjs/api");
  return tsx.require("./cli/main.ts", import.meta.url).main(args);
});
