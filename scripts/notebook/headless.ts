/** Runs a notebook without a browser, with its progress in the terminal. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Presses } from "../../lib/process/interrupt";
import { ProgressLine } from "../../lib/report/progress/terminal";
import { LogReader } from "../../lib/runs/log";
import { runPaths } from "../../lib/runs/run-folder";
import type { Given } from "../cli/command-line";
import { workingFolder } from "./folder";
import { type Execution, NOTEBOOKS, startNotebook, watchNotebook } from "./jupyter";
import { clearOutputs, parametrise, readNotebook, writeNotebook } from "./notebook";
import { type CellEvent, RunProgress } from "./watch";

/** What is run, and where it goes. */
export interface HeadlessRun {
  /** The notebook's name in `notebooks/`; its results are `NAME.ipynb` and `NAME.html` in the run's folder. */
  name: string;
  /** The run's folder. */
  out: string;
  /** Values for its parameter cells. */
  parameters: Given;
  /** Called when every cell has run. @returns the exit code */
  onDone: () => number;
  /** @returns how to go on after it was stopped or has failed, if that is possible */
  howToGoOn?: () => string;
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

/**
 * Runs a notebook and writes it, executed, and a web page of it into the run's folder.
 * @returns the exit code: that of `onDone`, 1 when a cell failed, 130 when stopped
 */
export async function runHeadless({ name, out, parameters, onDone, howToGoOn }: HeadlessRun): Promise<number> {
  const beside = workingFolder(out);
  mkdirSync(beside, { recursive: true });
  const failed = join(out, `${name}.failed.ipynb`);
  try {
    const notebook = join(beside, "notebook.ipynb");
    writeNotebook(notebook, parametrise(clearOutputs(readNotebook(join(NOTEBOOKS, `${name}.ipynb`))), parameters));
    const [executed, html] = [join(out, `${name}.ipynb`), join(out, `${name}.html`)];
    const end = await execute(out, { notebook, executed, failed, html, kernelOutput: join(beside, "kernel.txt") });
    if (end.done) {
      rmSync(failed, { force: true });
      return onDone();
    }
    if (existsSync(failed)) console.error(`The notebook as far as it came: ${failed}`);
    const hint = howToGoOn?.() ?? "";
    if (end.stopped !== undefined) {
      console.error(`Stopped in cell ${end.stopped} (${end.heading}).${hint}`);
      return 130;
    }
    console.error(end.unwritten ?? `\nCell ${end.failed} (${end.heading}) failed:\n${end.error ?? ""}`);
    if (hint) console.error(hint.trim());
    return 1;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
