import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { type Execution, startNotebook } from "../../scripts/notebook/jupyter";
import { writeNotebook } from "../../scripts/notebook/notebook";

/** A notebook of these cells, running in a kernel of its own, and the files in `folder` that it writes. */
export function startCells(folder: string, ...sources: string[]): { child: ChildProcess; files: Execution } {
  const file = (name: string): string => join(folder, name);
  const files: Execution = {
    notebook: file("in.ipynb"),
    executed: file("out.ipynb"),
    failed: file("failed.ipynb"),
    html: file("out.html"),
    kernelOutput: file("kernel.txt"),
  };
  writeNotebook(files.notebook, {
    cells: sources.map((source, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: {},
      source,
      execution_count: null,
      outputs: [],
    })),
    metadata: { kernelspec: { name: "tslab", display_name: "TypeScript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });
  return { child: startNotebook(files), files };
}
