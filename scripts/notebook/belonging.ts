/** Which code and data the committed notebooks' outputs belong to. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunMetrics } from "../../lib/runs/metrics";
import { deviceInfo } from "../../lib/tensor/device";
import { type Notebook, sourceOf } from "./notebook";

/** What the outputs of the committed notebook were made from, and the accuracies that they show. */
export interface Origin {
  /** Hash of the cells' sources. */
  cells: string;
  /** Hash of the files in `lib`. */
  library: string;
  /** Hash of the files in `data/demo`, without its README. */
  demo: string;
  /** The processor, and the fused kernels: others round sums in another order and draw other masks. */
  processor: string;
  accuracy: { baseline: number; final: number; validationBefore: number | null; validationAfter: number | null };
}

function filesUnder(folder: string, below = ""): string[] {
  const names = readdirSync(join(folder, below)).sort();
  return names.flatMap((name) => {
    const path = join(below, name);
    return statSync(join(folder, path)).isDirectory() ? filesUnder(folder, path) : [path];
  });
}

function hashOf(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}

function folderHash(folder: string): string {
  const files = filesUnder(folder).filter((file) => !/readme\.md$/i.test(file));
  return hashOf(files.flatMap((file) => [file, readFileSync(join(folder, file))]));
}

/** @returns the accuracies that `metrics.json` tells of a run */
export function accuracyOf({ baseline, final, validation }: RunMetrics): Origin["accuracy"] {
  return {
    baseline: baseline.accuracy,
    final: final.accuracy,
    validationBefore: validation.before,
    validationAfter: validation.after,
  };
}

/** @returns the name of this machine's processor, and how its instructions are used */
export function processorName(): string {
  const { name, kernels } = deviceInfo();
  return `${name}, fused kernels: ${kernels}`;
}

/** @returns the hashes of a notebook's cells, of the library and of the demo as they are now */
export function currentHashes(root: string, notebook: Notebook): Pick<Origin, "cells" | "library" | "demo"> {
  return {
    cells: hashOf(notebook.cells.flatMap((cell) => [cell.cell_type, sourceOf(cell)])),
    library: folderHash(join(root, "lib")),
    demo: folderHash(join(root, "data", "demo")),
  };
}

/** @returns what the outputs of a notebook say they were made from, if they do */
export function originOf(notebook: Notebook): Origin | undefined {
  return notebook.metadata.madeFrom as Origin | undefined;
}
