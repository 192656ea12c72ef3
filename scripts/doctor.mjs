/** `npm run doctor`: one screen about this machine, with what is there, what is missing, and the command that mends it. */
import { hostname } from "node:os";
import { checkAll } from "./doctor/checks.mjs";
import { refuseOptions, runMain } from "./setup/setup-error.mjs";

await runMain(async () => {
  refuseOptions("npm run doctor", process.argv.slice(2));
  console.log(`Doctor on ${hostname()}`);
  const missing = [];
  for (const { name, found, problem, remedy } of await checkAll()) {
    const mark = problem === undefined ? "ok     " : remedy === undefined ? "note   " : "MISSING";
    console.log(`  ${mark} ${name.padEnd(14)} ${problem ?? found}${remedy ? ` → ${remedy}` : ""}`);
    if (remedy !== undefined) missing.push(name);
  }
  console.log(missing.length === 0 ? "Everything needed is here." : `Missing: ${missing.join(", ")}.`);
  return missing.length === 0 ? 0 : 1;
});
