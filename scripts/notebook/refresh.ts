/** Runs the committed notebooks on the demo and writes their outputs into them: `npm run notebook`. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRunMetrics } from "../../lib/runs/metrics";
import type { Given } from "../cli/command-line";
import { accuracyOf, currentHashes, type Origin, processorName } from "./belonging";
import { NOTEBOOKS, ROOT, startNotebook, watchNotebook } from "./jupyter";
import { clearOutputs, type Notebook, parametrise, readNotebook, writeNotebook } from "./notebook";
import { setAside } from "./set-aside";

/** Puts the outputs of a run into the notebook that was run, and says what they were made from. */
function withOutputs(notebook: Notebook, executed: Notebook, origin: Origin): Notebook {
  const cells = notebook.cells.map((cell, i) => {
    const { outputs, execution_count } = executed.cells[i] ?? {};
    return cell.cell_type === "code"
      ? { ...cell, outputs: outputs ?? [], execution_count: execution_count ?? null }
      : cell;
  });
  return { ...notebook, cells, metadata: { ...notebook.metadata, madeFrom: origin } };
}

/** The folders that the notebooks' outputs name. A person's run in JupyterLab is in the same ones. */
const [RUN, SWEEP] = [join(ROOT, "runs", "notebook"), join(ROOT, "runs", "sweep")];

/** The notebooks in the order in which they need each other, and what is not as it stands in them. */
const COMMITTED: readonly { name: string; parameters: Given }[] = [
  { name: "ethics", parameters: { demo: true } },
  { name: "explore", parameters: {} },
  { name: "sweep", parameters: {} },
];

/** Runs a notebook. @returns it as it was executed */
async function execute(name: string, notebook: Notebook, parameters: Given): Promise<Notebook> {
  const folder = mkdtempSync(join(tmpdir(), "ethics-"));
  try {
    const files = {
      notebook: join(folder, "in.ipynb"),
      executed: join(folder, "out.ipynb"),
      failed: join(ROOT, "runs", `${name}.failed.ipynb`),
      html: join(folder, "out.html"),
      kernelOutput: join(folder, "kernel.txt"),
    };
    writeNotebook(files.notebook, parametrise(notebook, parameters));
    const child = startNotebook(files);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill("SIGINT"));
    const end = await watchNotebook(child, ({ cell, of, heading }) => {
      if (cell !== undefined) console.log(`${name}: cell ${cell} of ${of}: ${heading}`);
    });
    if (end.done) return readNotebook(files.executed);
    console.error(`The notebook as far as it came: ${files.failed}`);
    throw new Error(`Cell ${end.failed ?? end.stopped} (${end.heading}) failed:\n${end.error ?? "stopped"}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the notebooks on the demo, one after the other, and writes their outputs back into `notebooks/`. */
async function refresh(): Promise<void> {
  mkdirSync(RUN, { recursive: true });
  for (const { name, parameters } of COMMITTED) {
    const file = join(NOTEBOOKS, `${name}.ipynb`);
    const notebook = clearOutputs(readNotebook(file));
    const executed = await execute(name, notebook, parameters);
    const accuracy = accuracyOf(readRunMetrics(RUN));
    const origin = { ...currentHashes(ROOT, notebook), processor: processorName(), accuracy };
    writeNotebook(file, withOutputs(notebook, executed, origin));
    console.log(`${file}: outputs written, accuracy ${accuracy.baseline} before and ${accuracy.final} after training.`);
  }
}

setAside(RUN, () => setAside(SWEEP, refresh)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
