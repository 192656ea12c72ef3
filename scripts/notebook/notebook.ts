import { readFileSync } from "node:fs";
import { writeFileAtomic } from "../../lib/files/atomic";
import type { Given, ParameterValue } from "../cli/command-line";

/** One cell of a notebook file. */
export interface Cell {
  cell_type: "markdown" | "code" | "raw";
  id?: string;
  metadata: { tags?: string[] } & Record<string, unknown>;
  source: string | string[];
  execution_count?: number | null;
  outputs?: Record<string, unknown>[];
}

/** A notebook file, nbformat 4. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/** Reads an .ipynb file. */
export function readNotebook(file: string): Notebook {
  return JSON.parse(readFileSync(file, "utf8")) as Notebook;
}

/** Writes an .ipynb file as Jupyter does: one space of indent, a newline at the end. */
export function writeNotebook(file: string, notebook: Notebook): void {
  writeFileAtomic(file, `${JSON.stringify(notebook, null, 1)}\n`);
}

/** A cell's source as one text. */
export function sourceOf(cell: Cell): string {
  return typeof cell.source === "string" ? cell.source : cell.source.join("");
}

/** The cell tagged `parameters`. */
export function parametersCell(notebook: Notebook): Cell {
  const cell = notebook.cells.find((candidate) => candidate.metadata.tags?.includes("parameters"));
  if (!cell) throw new Error("`notebook`: expected a cell tagged `parameters`, got none.");
  return cell;
}

/** The value ends at the first semicolon with nothing but a comment behind it, and before the next `let`. */
const LINE = (name: string): RegExp =>
  new RegExp(`^(let ${name}(?:: [^=\\n]+)? = )((?:(?!^let )[^])*?)(;[ \\t]*(?://.*)?)$`, "m");

/** The names and initial values of a parameters cell, each value as it is written there. */
export function parametersOf(source: string): Record<string, string> {
  const found = [...source.matchAll(/^let (\w+)(?:: [^=\n]+)? = ([^;\n]*);/gm)];
  return Object.fromEntries(found.map(([, name, value]) => [name, value]));
}

/** A value as TypeScript, on one line. */
export function literal(value: ParameterValue): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]` : JSON.stringify(value);
}

/**
 * Puts values into the `let` lines of the parameters cell and leaves the rest of the notebook as it is.
 * @returns a new notebook
 */
export function parametrise(notebook: Notebook, values: Given): Notebook {
  const copy = structuredClone(notebook);
  const cell = parametersCell(copy);
  let source = sourceOf(cell);
  for (const [name, value] of Object.entries(values)) {
    if (!LINE(name).test(source)) throw new Error(`\`parameters\`: expected a line \`let ${name} = …;\`, got none.`);
    source = source.replace(
      LINE(name),
      (_, before: string, _old: string, after: string) => before + literal(value) + after,
    );
  }
  cell.source = source;
  return copy;
}

/** The notebook without what a run left in it. */
export function clearOutputs(notebook: Notebook): Notebook {
  const copy = structuredClone(notebook);
  for (const cell of copy.cells) {
    if (cell.cell_type === "code") Object.assign(cell, { execution_count: null, outputs: [] });
  }
  return copy;
}
