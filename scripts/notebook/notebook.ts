/** Notebook files: read, written, with other parameters and without outputs. */
import { readFileSync } from "node:fs";
import ts from "typescript";
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

/** Tags of the cells that hold parameters: `let` lines, or one object of settings. */
const PARAMETER_TAGS = ["parameters", "settings"];

/** The cells that hold parameters, in their order. */
export function parameterCells(notebook: Notebook): Cell[] {
  const cells = notebook.cells.filter(({ metadata }) => metadata.tags?.some((tag) => PARAMETER_TAGS.includes(tag)));
  if (cells.length === 0) throw new Error("`notebook`: expected a cell tagged `parameters`, got none.");
  return cells;
}

/** Where the values of a parameter cell stand, by name: those of its `let` lines and of the properties of its object. */
function valuesIn(source: string): Map<string, { start: number; end: number }> {
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022, true);
  const found = new Map<string, { start: number; end: number }>();
  const add = (name: ts.Node, value: ts.Node): void => {
    found.set(name.getText(), { start: value.getStart(), end: value.getEnd() });
  };
  for (const statement of file.statements.filter(ts.isVariableStatement)) {
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer && ts.isObjectLiteralExpression(initializer)) {
        for (const part of initializer.properties.filter(ts.isPropertyAssignment)) add(part.name, part.initializer);
      } else if (initializer) add(name, initializer);
    }
  }
  return found;
}

/** The parameters of a notebook and their values, as they are written there. */
export function parametersOf(notebook: Notebook): Record<string, string> {
  const cells = parameterCells(notebook).map(sourceOf);
  const values = cells.flatMap((source) =>
    [...valuesIn(source)].map(([name, { start, end }]) => [name, source.slice(start, end)] as const),
  );
  return Object.fromEntries(values);
}

/** A value as TypeScript, on one line. */
export function literal(value: ParameterValue): string {
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(", ")}]` : JSON.stringify(value);
}

/**
 * Puts values into the parameter cells and leaves the rest of the notebook as it is.
 * @returns a new notebook
 */
export function parametrise(notebook: Notebook, values: Given): Notebook {
  const copy = structuredClone(notebook);
  const missing = new Set(Object.keys(values));
  for (const cell of parameterCells(copy)) {
    const source = sourceOf(cell);
    // From the end, so that the places before stay right.
    const places = [...valuesIn(source)].filter(([name]) => name in values).reverse();
    cell.source = places.reduce((text, [name, { start, end }]) => {
      missing.delete(name);
      return text.slice(0, start) + literal(values[name] as ParameterValue) + text.slice(end);
    }, source);
  }
  const [first] = missing;
  if (first !== undefined) {
    throw new Error(`\`parameters\`: expected a line \`let ${first} = …;\` or a setting \`${first}: …\`, got none.`);
  }
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
