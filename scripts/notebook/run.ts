import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Presses } from "../../lib/process/interrupt";
import { ProgressLine } from "../../lib/report/progress/terminal";
import { LogReader } from "../../lib/runs/log";
import { missingMetrics, type RunMetrics } from "../../lib/runs/metrics";
import { runPaths } from "../../lib/runs/run-folder";
import { type Given, UsageError } from "../cli/command-line";
import { helpText, parseOptions } from "../cli/options";
import { callerFolder, shownPath, withAbsolutePaths } from "../cli/paths";
import { folderState, prepareRun, workingFolder } from "./folder";
import { type Execution, NOTEBOOKS, ROOT, startNotebook, watchNotebook } from "./jupyter";
import { clearOutputs, parametrise, readNotebook, writeNotebook } from "./notebook";
import { resultText } from "./result";
import { type CellEvent, RunProgress } from "./watch";

function defaultOut(folder: string): string {
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  return join(folder, "runs", now.slice(0, 19).replace("T", "_").replaceAll(":", "-"));
}

function withFolders(typed: Given): Given & { out: string } {
  const out = typeof typed.out === "string" ? resolve(callerFolder(), typed.out) : undefined;
  if (typed.resume && !out) throw new UsageError("`--resume`: expected together with --out, got no folder.");
  return { ...withAbsolutePaths(typed), out: out ?? defaultOut(ROOT) };
}

async function execute(out: string, files: Execution): Promise<CellEvent> {
  const progress = new RunProgress();
  const terminal = new ProgressLine();
  const log = new LogReader(runPaths(out).log);
  log.read();
  const child = startNotebook(files);
  let heading: string | undefined;
  const presses = new Presses();
  let stopping = false;
  const onSignal = (): void => {
    const press = presses.next();
    if (press === undefined) return;
    const first = "Stopping after the step under way, with a checkpoint when training. Once more: stop at once.";
    terminal.keep(press === 1 ? first : "Stopping at once.");
    stopping = true;
    child.kill("SIGINT");
  };
  const onTerminate = (): void => {
    child.kill("SIGINT");
    child.kill("SIGINT");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onTerminate);
  const readLog = (): void => {
    for (const line of log.read()) {
      const kept = progress.log(line);
      if (kept) terminal.keep(kept);
    }
    if (progress.counting) terminal.update(progress.line, false);
  };
  const timer = setInterval(readLog, 500);
  try {
    return await watchNotebook(child, (event) => {
      if (event.cell === undefined) return;
      readLog();
      progress.cell(event);
      terminal.update(progress.line, event.heading !== heading);
      heading = event.heading;
    });
  } catch (error) {
    // Stopped before the first cell, Jupyter's client has nothing to tell.
    if (stopping) return { stopped: 0, heading: "start" };
    throw error;
  } finally {
    clearInterval(timer);
    readLog();
    terminal.end();
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onTerminate);
  }
}

/** A cell's error without the frames of the kernel: what went wrong, in the words of who threw it. */
export function plainError(text: string): string {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => /^(Uncaught )?\w*Error\b.*:/.test(line));
  if (from < 0) return text.trim();
  const to = lines.findIndex((line, i) => i > from && /^\s+at /.test(line));
  return lines
    .slice(from, to < 0 ? undefined : to)
    .join("\n")
    .trim();
}

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
    given = withFolders(typed);
    given = { ...prepareRun(given.out, given), out: given.out };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
  const { out } = given;
  const { notebook: executed, failedNotebook: failed, html, log } = runPaths(out);
  const beside = workingFolder(out);
  mkdirSync(beside, { recursive: true });
  try {
    if (!given.resume) {
      const begin = { time: Date.now(), event: "run", parameters: given };
      writeFileSync(log, `${JSON.stringify(begin)}\n`);
    }
    const notebook = join(beside, "notebook.ipynb");
    writeNotebook(notebook, parametrise(clearOutputs(readNotebook(join(NOTEBOOKS, "ethics.ipynb"))), given));
    const end = await execute(out, { notebook, executed, failed, html, kernelOutput: join(beside, "kernel.txt") });
    if (end.done) {
      rmSync(failed, { force: true });
      return report(out);
    }
    if (existsSync(failed)) console.error(`The notebook as far as it came: ${failed}`);
    if (end.stopped !== undefined) {
      const remedy = folderState(out) === "cut off" ? ` Go on with: npm start -- --resume --out ${out}` : "";
      console.error(`Stopped in cell ${end.stopped} (${end.heading}).${remedy}`);
      return 130;
    }
    console.error(`\nCell ${end.failed} (${end.heading}) failed:\n${plainError(end.error ?? "")}`);
    return 1;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
