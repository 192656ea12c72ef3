/** `npm start`: the story of `notebooks/ethics.ipynb`, without a browser. */
import { existsSync, readFileSync } from "node:fs";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import { beginRunLog, type RunParameters } from "../../lib/runs/parameters";
import { runPaths } from "../../lib/runs/run-folder";
import { checkBeforehand } from "../cli/check-data";
import { type Given, UsageError } from "../cli/command-line";
import { helpText, parseOptions } from "../cli/options";
import { shownPath } from "../cli/paths";
import { folderState, prepareRun, releaseRun, shareGpus, withFolders } from "./folder";
import { runHeadless } from "./headless";
import { ROOT } from "./jupyter";
import { resultText } from "./result";
import { runWorker, workerIndexOf } from "./worker";

function report(out: string): number {
  const { notebook, html, metrics: file, adapter, checkpoints, log } = runPaths(out);
  const metrics = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
  const missing = missingMetrics(metrics);
  if (missing.length > 0) {
    console.error(`\`${file}\`: expected every key, got none for ${missing.join(", ")}.`);
    return 1;
  }
  console.log(`\n${resultText(metrics as unknown as RunMetrics)}\n`);
  for (const path of [notebook, html, file, adapter, checkpoints, log]) {
    if (existsSync(path)) console.log(`  ${shownPath(path)}`);
  }
  return 0;
}

/**
 * `npm start`: runs the notebook with the parameters that were typed.
 * @returns the exit code: 0, 1 when a cell failed, 2 for a mistake in what was typed, 130 when stopped
 */
export async function main(args: string[]): Promise<number> {
  let given: Given & { out: string };
  try {
    const typed = parseOptions(args);
    if (typed.help) {
      console.log(helpText());
      return 0;
    }
    const worker = workerIndexOf(typed);
    if (worker !== undefined) return await runWorker(typed, worker);
    const { workerIndex: _, ...parameters } = typed;
    given = withFolders(parameters, ROOT);
    if (!given.resume) await checkBeforehand(given as Partial<RunParameters>);
    given = { ...prepareRun(given.out, given), out: given.out };
    shareGpus(given as Partial<RunParameters>);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  const { out } = given;
  const goOn = (): string => (folderState(out) === "cut off" ? ` Go on with: npm start -- --resume --out ${out}` : "");
  try {
    if (!given.resume) beginRunLog(out, given as Partial<RunParameters>);
    return await runHeadless({ name: "ethics", out, parameters: given, onDone: () => report(out), howToGoOn: goOn });
  } finally {
    releaseRun(out);
  }
}
