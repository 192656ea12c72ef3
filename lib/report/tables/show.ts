import { inspect } from "node:util";
import { Dataset, DatasetDict } from "../../data/dataset";
import { type Frame, isFrame } from "../../data/frame";
import { Figure } from "../charts/figure";
import { formatNumber } from "../format";
import { attributionHtml, attributionText, isAttribution } from "./answers";
import { Display, type MimeBundle } from "./display";
import { type Table, tableHtml, tableText } from "./table";

/** How `show` cuts and names what it shows. */
export interface ShowOptions {
  /** Rows shown at most (default 5 of a dataset, 50 of compared runs or a sweep, 20 of other tables). */
  rows?: number;
  /** A line above the table. */
  caption?: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What tells of itself in rows, as compared runs and sweeps do, and in lines beside them. */
interface Told {
  rows: Record<string, unknown>[];
  notes?: readonly string[];
}

function hasRows(value: unknown): value is Told {
  if (typeof value !== "object" || value === null || isRecord(value)) return false;
  const { rows } = value as { rows?: unknown };
  return Array.isArray(rows) && rows.every(isRecord);
}

function cutNote(shown: number, all: number, what: string): string {
  return shown < all ? `first ${shown} of ${formatNumber(all)} ${what}` : `${formatNumber(all)} ${what}`;
}

function datasetTable(dataset: Dataset, rows: number): Table {
  const shown = Math.min(rows, dataset.numRows);
  const records = Array.from({ length: shown }, (_, i) => dataset.get(i));
  return {
    columns: [...dataset.columnNames],
    rows: records.map((record) => dataset.columnNames.map((name) => record[name])),
    index: records.map((_, i) => i),
    caption: cutNote(shown, dataset.numRows, "rows"),
  };
}

function frameTable(frame: Frame, rows: number): Table {
  const shown = Math.min(rows, frame.values.length);
  const table = { columns: frame.columns, rows: frame.values.slice(0, shown), index: frame.index.slice(0, shown) };
  return shown < frame.values.length ? { ...table, caption: cutNote(shown, frame.values.length, "rows") } : table;
}

function recordsTable(records: Record<string, unknown>[], rows: number): Table {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const shown = records.slice(0, rows).map((record) => columns.map((column) => record[column]));
  const table = { columns, rows: shown };
  return shown.length < records.length ? { ...table, caption: cutNote(shown.length, records.length, "rows") } : table;
}

/** None without rows: the value's own text says why. */
function toldTable({ rows, notes = [] }: Told, options: ShowOptions): Table | undefined {
  if (rows.length === 0) return undefined;
  const table = recordsTable(rows, options.rows ?? 50);
  const lines = [options.caption ?? table.caption ?? [], notes].flat();
  return lines.length === 0 ? table : { ...table, caption: lines.join("\n") };
}

/** The table that a value is shown as, or none when it is not tabular or has no rows. */
export function tableOf(value: unknown, options: ShowOptions = {}): Table | undefined {
  const caption = options.caption === undefined ? {} : { caption: options.caption };
  if (isFrame(value)) return { ...frameTable(value, options.rows ?? 20), ...caption };
  if (value instanceof Dataset) return { ...datasetTable(value, options.rows ?? 5), ...caption };
  if (hasRows(value)) return toldTable(value, options);
  if (value instanceof DatasetDict) {
    const rows = value.names.map((name) => [name, value.get(name).numRows, value.get(name).columnNames.join(", ")]);
    return { columns: ["split", "rows", "features"], rows, ...caption };
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isRecord)) {
    return { ...recordsTable(value, options.rows ?? 20), ...caption };
  }
  if (isRecord(value)) return { columns: ["name", "value"], rows: Object.entries(value), ...caption };
  return undefined;
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

/**
 * Shows a dataset, a DataFrame, rows, a record, compared runs, an attribution or a figure: as a table, text or chart in a
 * notebook, as text in a terminal.
 * Figures are drawn first, so await it.
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  const { data, metadata } = await bundleOf(value, options);
  new Display().write(data, metadata);
}
