import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunMetrics } from "../../lib/runs/metrics";
import { NOTEBOOKS, startNotebook, watchNotebook } from "../../scripts/notebook/jupyter";
import { type Cell, type Notebook, parametrise, readNotebook, writeNotebook } from "../../scripts/notebook/notebook";
import { temporaryFolder } from "../support/folders";

const notebook = readNotebook(join(NOTEBOOKS, "ethics.ipynb"));
const folder = temporaryFolder();

/** All cells with these parameters, for a kernel that may have run them before. */
function pass(name: string, rank: number, alpha: number): Cell[] {
  const limits = { demo: true, trainLimit: 64, evalLimit: 48 };
  const { cells } = parametrise(notebook, { ...limits, rank, alpha, out: join(folder, name) });
  return cells.map((cell, i) => ({ ...cell, id: `${name}-${i}` }));
}

async function run(cells: Cell[]): Promise<Cell[]> {
  const paths = ["notebook", "executed", "failed", "html", "kernelOutput"] as const;
  const files = Object.fromEntries(paths.map((name) => [name, join(folder, name)])) as Record<
    (typeof paths)[number],
    string
  >;
  writeNotebook(files.notebook, { ...notebook, cells } satisfies Notebook);
  const end = await watchNotebook(startNotebook(files), () => undefined);
  assert.equal(end.done, true, JSON.stringify(end));
  return readNotebook(files.executed).cells;
}

function outputOf(cells: Cell[], tag: string): string {
  const outputs = cells.find(({ metadata }) => metadata.tags?.includes(tag))?.outputs ?? [];
  return outputs
    .map(({ text, data }) => text ?? (data as Record<string, unknown>)["text/plain"])
    .flat(2)
    .join("");
}

test("all cells run again in the same kernel with another rank: no restart, nothing done twice, no tensor more", {
  timeout: 400_000,
}, async () => {
  const first = pass("first", 8, 8);
  const cells = await run([...first, ...pass("second", 16, 32)]);
  const [before, after] = [cells.slice(0, first.length), cells.slice(first.length)];

  for (const [cell, names] of Object.entries({ tokenize: ["tokens"], baseline: ["baseline", "validation"] })) {
    assert.doesNotMatch(outputOf(before, cell), /the same as before/);
    for (const name of names) assert.match(outputOf(after, cell), new RegExp(`${name}: the same as before`));
  }
  assert.match(outputOf(after, "lora"), /trainable params: 32,768 /);

  const tensors = (pass: Cell[]): string | undefined => /(?<=tensors +)\d+/.exec(outputOf(pass, "memory"))?.[0];
  assert.ok(tensors(before));
  assert.equal(tensors(after), tensors(before));

  const metricsOf = (name: string): RunMetrics =>
    JSON.parse(readFileSync(join(folder, name, "metrics.json"), "utf8")) as RunMetrics;
  const [one, two] = [metricsOf("first"), metricsOf("second")];
  assert.deepEqual([two.rank, two.alpha], [16, 32]);
  assert.deepEqual(two.baseline, one.baseline);
  assert.notEqual(two.final.loss, one.final.loss);
});
