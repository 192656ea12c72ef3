/** The doctor's screen. */
import { hostname } from "node:os";
import { checkAll } from "./checks.mjs";

/** @returns {Promise<number>} the exit code: 1 where something needed is missing */
export async function doctor() {
  console.log(`Doctor on ${hostname()}`);
  const missing = [];
  for (const { name, found, problem, remedy } of await checkAll()) {
    const mark = problem === undefined ? "ok     " : remedy === undefined ? "note   " : "MISSING";
    console.log(`  ${mark} ${name.padEnd(14)} ${problem ?? found}${remedy ? ` → ${remedy}` : ""}`);
    if (remedy !== undefined) missing.push(name);
  }
  console.log(missing.length === 0 ? "Everything needed is here." : `Missing: ${missing.join(", ")}.`);
  return missing.length === 0 ? 0 : 1;
}
