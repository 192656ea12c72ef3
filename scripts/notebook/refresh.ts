import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunMetrics } from "../../lib/runs/metrics";
import { runPaths } from "../../lib/runs/run-folder";
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

/** The notebook's own run folder, which its outputs name. */
const RUN = join(ROOT, "runs", "notebook");

/** Runs the notebook on the demo and writes its outputs back into notebooks/ethics.ipynb. */
async function refresh(): Promise<void> {
  const file = join(NOTEBOOKS, "ethics.ipynb");
  const notebook = clearOutputs(readNotebook(file));
  mkdirSync(RUN, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "ethics-"));
  try {
    const files = {
      notebook: join(folder, "in.ipynb"),
      executed: join(folder, "out.ipynb"),
      failed: runPaths(join(ROOT, "runs")).failedNotebook,
      html: join(folder, "out.html"),
      kernelOutput: join(folder, "kernel.txt"),
    };
    writeNotebook(files.notebook, parametrise(notebook, { demo: true }));
    const child = startNotebook(files);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill("SIGINT"));
    const end = await watchNotebook(child, ({ cell, of, heading }) => {
      if (cell !== undefined) console.log(`cell ${cell} of ${of}: ${heading}`);
    });
    if (!end.done) {
      console.error(`The notebook as far as it came: ${files.failed}`);
      throw new Error(`Cell ${end.failed ?? end.stopped} (${end.heading}) failed:\n${end.error ?? "stopped"}`);
    }
    const metrics = JSON.parse(readFileSync(runPaths(RUN).metrics, "utf8")) as RunMetrics;
    const accuracy = accuracyOf(metrics);
    const origin = { ...currentHashes(ROOT, notebook), processor: processorName(), accuracy };
    writeNotebook(file, withOutputs(notebook, readNotebook(files.executed), origin));
    console.log(`${file}: outputs written, accuracy ${accuracy.baseline} before and ${accuracy.final} after training.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// A person's run in JupyterLab is in the same folder.
setAside(RUN, refresh).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
