/** `npm run explore`: looks at a finished run with `notebooks/explore.ipynb`, without a browser. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runPaths } from "../../lib/runs/run-folder";
import { type Given, helpLine, type Option, parse, UsageError } from "../cli/command-line";
import { callerFolder, shownPath } from "../cli/paths";
import { runCommand } from "../cli/run-command";
import { runHeadless } from "./headless";

const OPTIONS: readonly Option[] = [
  { name: "run", kind: "text", required: true, help: "the folder of a finished run", placeholder: "DIR" },
  {
    name: "limit",
    kind: "integer",
    initial: 0,
    help: "look at a sample of so many of its evaluation rows; 0: all",
    expects: "a whole number, 0 or above",
    allowed: (value) => value >= 0,
  },
  { name: "help", kind: "flag", help: "print this" },
];

const HELP = ["npm run explore -- --run DIR [options]     look at a finished run", "", ...OPTIONS.map(helpLine)].join(
  "\n",
);

/** @throws {UsageError} the folder holds no finished run */
function finishedRun(typed: Given): string {
  const folder = resolve(callerFolder(), String(typed.run));
  if (existsSync(runPaths(folder).metrics)) return folder;
  throw new UsageError(`\`--run\`: expected the folder of a finished run, got none in ${folder}. npm start makes one.`);
}

/**
 * Runs the notebook on a run's folder, and leaves `explore.ipynb` and `explore.html` in it.
 * @returns the exit code: 0, 1 when a cell failed, 2 for a mistake in what was typed, 130 when stopped
 */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const typed = parse(args, OPTIONS);
  const out = finishedRun(typed);
  const onDone = (): number => {
    for (const name of ["explore.ipynb", "explore.html"]) console.log(`  ${shownPath(join(out, name))}`);
    return 0;
  };
  return runHeadless({ name: "explore", out, parameters: { folder: out, limit: typed.limit ?? 0 }, onDone });
}

if (require.main === module) runCommand(main);
