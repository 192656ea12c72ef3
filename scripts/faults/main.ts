/** `npm run faults`: real faults done to real runs of the demo. Nothing may be lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Option, parse, UsageError } from "../cli/command-line";
import { runCommand } from "../cli/run-command";
import { DAMAGE, TWO_AT_ONCE } from "./damage";
import { DISK, NOTEBOOK_DISK } from "./disk";
import { type Fault, Lab, NotRun } from "./fault";
import { KILLS, LONG_RUN } from "./kills";

const OPTIONS: readonly Option[] = [
  { name: "seed", kind: "integer", help: "of the moments and places of the faults (default: the time)" },
  { name: "only", kind: "text", help: "faults whose name contains this word" },
  { name: "long", kind: "flag", help: "also 5,000 steps with ten stops, kills and resumes: some ten minutes" },
];

const ALL = [...KILLS, ...DISK, NOTEBOOK_DISK, ...DAMAGE, TWO_AT_ONCE];

type Verdict = "survived" | "not run" | "FAILED";

/** Tries a fault and prints its row of the table. */
async function meet(fault: Fault, lab: Lab): Promise<Verdict> {
  const start = performance.now();
  let [verdict, seen]: [Verdict, string] = ["survived", ""];
  try {
    seen = await fault.meet(lab);
  } catch (error) {
    verdict = error instanceof NotRun ? "not run" : "FAILED";
    seen = (error as Error).message;
  }
  const seconds = `${((performance.now() - start) / 1000).toFixed(0)} s`;
  console.log(`| ${fault.name} | ${verdict} | ${seconds} | ${seen} |`);
  return verdict;
}

runCommand(async (args) => {
  const { seed = Date.now() % 100_000, only = "", long = false } = parse(args, OPTIONS);
  const faults = [...ALL, ...(long ? [LONG_RUN] : [])].filter(({ name }) => name.includes(String(only)));
  if (faults.length === 0) {
    const names = [...ALL, LONG_RUN].map(({ name }) => name).join(", ");
    throw new UsageError(`\`--only\`: expected a word of ${names}; got ${only}.`);
  }
  const folder = mkdtempSync(join(tmpdir(), "ethics-faults-"));
  const lab = new Lab(folder, { steps: 60, saveSteps: 5 }, 20, Number(seed));
  console.log(`seed ${seed}\n\n| fault | result | time | seen |\n|---|---|---|---|`);
  const verdicts: Verdict[] = [];
  try {
    for (const fault of faults) verdicts.push(await meet(fault, lab));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length;
  console.log(`\n${count("survived")} survived, ${count("FAILED")} failed, ${count("not run")} not run`);
  return count("FAILED") === 0 ? 0 : 1;
});
