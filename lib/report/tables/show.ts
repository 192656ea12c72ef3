/** Shows values in a notebook or terminal as tables, figures or attributions. */

import { inspect } from "node:util";
import { Dataset, DatasetDict } from "../../data/dataset";
import { type Frame, isFrame } from "../../data/frame";
import { checkOptions } from "../../process/options";
import { Figure } from "../charts/figure";
import { formatNumber } from "../format";
import { attributionHtml, attributionText, isAttribution } from "./answers";
import { Display, type MimeBundle } from "./display";
import { cellOf, recordsTable, type Table, tableHtml, tableText } from "./table";

/** Options of {@link show}. */
export interface ShowOptions {
  /** Rows shown at most (default 5 of a dataset, 50 of compared runs or a sweep, 20 of other tables). */
  rows?: number;
  /** A line above the table (default: the number of rows, where some are left out). */
  caption?: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A result with rows and notes, such as compared runs or a sweep. */
interface Rows {
  rows: Record<string, unknown>[];
  notes?: readonly string[];
}

function hasRows(value: unknown): value is Rows {
  if (typeof value !== "object" || value === null || isRecord(value)) return false;
  const { rows } = value as { rows?: unknown };
  return Array.isArray(rows) && rows.every(isRecord);
}

/** The caption of a table that leaves rows out. */
function cutNote(shown: number, all: number): { caption?: string } {
  return shown < all ? { caption: `first ${shown} of ${formatNumber(all)} rows` } : {};
}

function datasetTable(dataset: Dataset, most: number): Table {
  const shown = Math.min(most, dataset.numRows);
  const records = Array.from({ length: shown }, (_, i) => dataset.get(i));
  return {
    caption: `${formatNumber(dataset.numRows)} rows`,
    columns: [...dataset.columnNames],
    rows: records.map((record) => dataset.columnNames.map((name) => record[name])),
    index: records.map((_, i) => i),
    ...cutNote(shown, dataset.numRows),
  };
}

function frameTable({ columns, values, index }: Frame, most: number): Table {
  const rows = values.slice(0, most);
  return { columns, rows, index: index.slice(0, most), ...cutNote(rows.length, values.length) };
}

function cutTable(records: Record<string, unknown>[], most: number): Table {
  const shown = recordsTable(records.slice(0, most));
  return { ...shown, ...cutNote(shown.rows.length, records.length) };
}

/** @returns undefined without rows; then the value's own text says why there are none */
function tableOfRows({ rows, notes = [] }: Rows, options: ShowOptions): Table | undefined {
  if (rows.length === 0) return undefined;
  const table = cutTable(rows, options.rows ?? 50);
  const lines = [options.caption ?? table.caption ?? [], notes].flat();
  return lines.length === 0 ? table : { ...table, caption: lines.join("\n") };
}

/** The table of a value; undefined if it is not tabular or has no rows. */
export function tableOf(value: unknown, options: ShowOptions = {}): Table | undefined {
  const caption = options.caption === undefined ? {} : { caption: options.caption };
  if (isFrame(value)) return { ...frameTable(value, options.rows ?? 20), ...caption };
  if (value instanceof Dataset) return { ...datasetTable(value, options.rows ?? 5), ...caption };
  if (hasRows(value)) return tableOfRows(value, options);
  if (value instanceof DatasetDict) {
    const rows = value.names.map((name) => [name, value.get(name).numRows, value.get(name).columnNames.join(", ")]);
    return { columns: ["split", "rows", "features"], rows, ...caption };
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isRecord)) {
    return { ...cutTable(value, options.rows ?? 20), ...caption };
  }
  if (!isRecord(value)) return undefined;
  const rows = Object.entries(value).map(([name, entry]) => [name, cellOf(name, entry)]);
  return { columns: ["name", "value"], rows, ...caption };
}

async function bundleOf(
  value: unknown,
  options: ShowOptions,
): Promise<{ data: MimeBundle; metadata?: Record<string, unknown> }> {
  if (value instanceof Figure) return value.bundle();
  if (isAttribution(value)) {
    return { data: { "text/html": attributionHtml(value), "text/plain": attributionText(value) } };
  }
  const table = tableOf(value, options);
  if (table) return { data: { "text/html": tableHtml(table), "text/plain": tableText(table) } };
  return { data: { "text/plain": typeof value === "string" ? value : inspect(value) } };
}

// The notebook's kernel calls this for the value of a cell's last expression; undefined leaves it as text.
Reflect.set(globalThis, Symbol.for("Jupyter.display"), (value: unknown) => {
  const isRich = isFrame(value) || value instanceof Figure || isAttribution(value) || hasRows(value);
  return isRich ? bundleOf(value, {}) : undefined;
});

/**
 * Shows a dataset, a DataFrame, rows, a record, compared runs, an attribution or a figure: as a table, text or chart in a
 * notebook, as text in a terminal.
 *
 * @example
 * ```ts
 * import { loadDataset, show } from "ethics-for-robots";
 *
 * const data = await loadDataset("data/demo/ethics");
 * await show(data.train, { rows: 3 });
 * ```
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  checkOptions("show", options, { rows: "number", caption: "string" });
  const { data, metadata } = await bundleOf(value, options);
  new Display().write(data, metadata);
}
