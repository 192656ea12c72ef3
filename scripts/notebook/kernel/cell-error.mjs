/** How the end of a cell that failed is told: what went wrong, where in the cell, and the line itself. */
import { relative } from "node:path";
import { inspect } from "node:util";
import { inProject, root } from "../../setup/project.mjs";

/** @typedef {import("./compiler.mjs").Place} Place */

/** An error as Jupyter shows it. @typedef {{ ename: string, evalue: string, traceback: string[] }} CellError */

/** The source of a cell, and what finds a place of it. @typedef {{ code: string, origin(place: Place): Place | undefined }} Compiled */

/** Cells by their numbers. @typedef {Map<number, Compiled>} Cells */

/** The name that a cell's JavaScript has in stack traces, with the cell's number behind it. */
export const CELL_FILE = "tslab-cell-";

/** Places that are shown of a cell with several mistakes. */
const MISTAKES = 5;

const red = (/** @type {string} */ text) => `\u001b[31m${text}\u001b[39m`;

/** @returns {CellError} */
export function stoppedError() {
  const [ename, evalue] = ["KeyboardInterrupt", "the cell was stopped"];
  return { ename, evalue, traceback: [`${red(ename)}: ${evalue}`] };
}

/**
 * @param {string} code
 * @param {Place} place
 * @returns {string[]} the line, marked, and those around it
 */
function codeFrame(code, { line, column }) {
  const lines = code.split("\n");
  const first = Math.max(1, line - 2);
  const shown = lines.slice(first - 1, line + 1);
  const width = `${first + shown.length - 1}`.length;
  const frame = shown.map((text, i) => {
    const mark = first + i === line ? red(">") : " ";
    return `${mark} ${`${first + i}`.padStart(width)} | ${text}`;
  });
  frame.splice(line - first + 1, 0, `  ${" ".repeat(width)} | ${" ".repeat(column - 1)}${red("^")}`);
  return frame;
}

/**
 * @param {unknown} thrown
 * @param {Cells} cells
 * @returns {CellError}
 */
export function thrownError(thrown, cells) {
  if (!(thrown instanceof Error)) {
    const evalue = typeof thrown === "string" ? thrown : inspect(thrown);
    return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
  }
  const { name, message } = thrown;
  return { ename: name, evalue: message, traceback: traceback(thrown, cells) };
}

/**
 * @param {Error} error
 * @param {Cells} cells
 * @returns {string[]}
 */
function traceback(error, cells) {
  const lines = [`${red(error.name)}: ${error.message}`];
  const { frame, places } = placesOf(error, cells);
  if (frame.length > 0) lines.push("", ...frame);
  lines.push(...places);
  if (error instanceof AggregateError) {
    for (const one of error.errors) lines.push(one instanceof Error ? `  ${one.name}: ${one.message}` : inspect(one));
  }
  if (error.cause instanceof Error) lines.push("", "because of", ...traceback(error.cause, cells));
  return lines;
}

/**
 * @param {Error} error
 * @param {Cells} cells
 * @returns {{ frame: string[], places: string[] }} the line of the cell, and what called what
 */
function placesOf(error, cells) {
  /** @type {string[]} */
  const places = [];
  /** @type {string[]} */
  let frame = [];
  for (const line of error.stack?.split("\n") ?? []) {
    const [, name, file, row, column] =
      /^ +at (?:async )?(?:(?:Proxy\.|Object\.)?(.*) \()?(.*?):(\d+):(\d+)\)?$/.exec(line) ?? [];
    if (!file) continue;
    const number = file.startsWith(CELL_FILE) ? Number(file.slice(CELL_FILE.length)) : undefined;
    const cell = number === undefined ? undefined : cells.get(number);
    const place = cell?.origin({ line: Number(row), column: Number(column) });
    // tslab puts the cell into a function, and what calls that stands behind the cell's last line.
    if (cell && place && place.line > cell.code.split("\n").length) continue;
    const by = name ? `${name}, ` : "";
    if (cell && place) {
      const told = `    at ${by}cell ${number}, line ${place.line}, column ${place.column}`;
      // A function that calls itself is told once.
      if (told !== places.at(-1)) places.push(told);
      if (frame.length === 0) frame = codeFrame(cell.code, place);
    } else if (isWorthTelling(file, places)) places.push(`    at ${by}${relative(root, file)}:${row}`);
  }
  return { frame, places };
}

/**
 * What the kernel, its packages and Node do in between is left out, and so is all of the library but the place that threw.
 * @param {string} file
 * @param {string[]} told
 */
function isWorthTelling(file, told) {
  if (file.startsWith("node:") || file.includes("node_modules") || !file.startsWith("/")) return false;
  if (file.startsWith(inProject("scripts", "notebook"))) return false;
  return told.length === 0 || !file.startsWith(inProject("dist"));
}

/**
 * @param {import("tslab/dist/converter.js").Diagnostic[]} diagnostics at least one
 * @param {string} code
 * @returns {CellError}
 */
export function compilerError(diagnostics, code) {
  const lines = code.split("\n");
  const end = { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  /** The first at a place tells what is wrong, the others why. @type {Map<string, { text: string, frame: string[] }>} */
  const mistakes = new Map();
  for (const { start, messageText, fileName } of diagnostics) {
    // tslab puts lines of its own behind the cell: there is what the cell's end lacks.
    const place = fileName || start.line < lines.length ? { line: start.line + 1, column: start.character + 1 } : end;
    const where = `${fileName ? `${fileName}, ` : ""}line ${place.line}, column ${place.column}`;
    const known = mistakes.get(where);
    if (known) known.text += `\n  ${messageText}`;
    else mistakes.set(where, { text: `${where}: ${messageText}`, frame: fileName ? [] : codeFrame(code, place) });
  }
  const [ename, all] = ["TypeScriptError", [...mistakes.values()]];
  const traceback = all.slice(0, MISTAKES).flatMap(({ text, frame }) => [`${red(ename)}: ${text}`, "", ...frame, ""]);
  if (all.length > MISTAKES) traceback.push(`and ${all.length - MISTAKES} more`);
  return { ename, evalue: all.map(({ text }) => text).join("\n"), traceback };
}
