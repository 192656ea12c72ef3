/** Tables as HTML for notebooks and as text for terminals. */
import { inspect } from "node:util";
import { barHtml, escapeHtml, formatBytes, formatNumber, percent } from "../format";

/** Rows of cells under column names. */
export interface Table {
  columns: string[];
  rows: unknown[][];
  /** Shown above the table; may have several lines. */
  caption?: string;
  /** A first column of row labels. */
  index?: (string | number)[];
}

/** A number in a cell with a text of its own. */
class Quantity {
  constructor(
    readonly value: number,
    readonly text: string,
  ) {}

  toString(): string {
    return this.text;
  }

  [inspect.custom](): string {
    return this.text;
  }
}

/** A share in a cell: a bar with its percentage. */
export class ShareBar extends Quantity {
  /** @param share 0 to 1; a cell without a number stays empty */
  constructor(share: number) {
    super(share, Number.isFinite(share) ? percent(share) : "");
  }

  /** Bar and percentage, as HTML that untrusted notebooks show too. */
  get html(): string {
    return `${barHtml(this.value || 0, { width: 80, title: this.text })} ${this.text}`;
  }
}

/** The value as a cell; a number of bytes, by its name, gets a unit. */
export function cellOf(name: string, value: unknown): unknown {
  return typeof value === "number" && /bytes$/i.test(name) ? new Quantity(value, formatBytes(value)) : value;
}

/** A table with a row for each record and a column for each name in any of them. */
export function recordsTable(records: readonly Record<string, unknown>[]): Table {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return { columns, rows: records.map((record) => columns.map((column) => cellOf(column, record[column]))) };
}

/** Longest text of a cell. */
const CUT = 120;

// JupyterLab aligns every cell to the right; these properties pass its sanitizer in a notebook that is not yet trusted.
const TEXT_STYLE = "text-align:left;white-space:normal;word-wrap:break-word;max-width:40em";

/** Most items of a list in a cell. */
const MOST_ITEMS = 12;

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Quantity;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>);
    const more = items.length > MOST_ITEMS ? `, … ${items.length} in all` : "";
    // Whole numbers in lists are ids, which have no separators.
    const shown = items.slice(0, MOST_ITEMS).map((item) => (Number.isInteger(item) ? String(item) : cellText(item)));
    return `[${shown.join(", ")}${more}]`;
  }
  return typeof value === "object" && !(value instanceof Quantity) ? JSON.stringify(value) : String(value);
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).trimEnd()}…` : text;
}

/** Tooltip with the full value of a shortened cell; empty where nothing is left out. */
function titleOf(value: unknown, text: string): string {
  const number = value instanceof Quantity ? value.value : value;
  if (typeof number !== "number") return text.length > CUT ? text : "";
  return !Number.isFinite(number) || Number(text.replaceAll(",", "")) === number ? "" : String(number);
}

function cellHtml(value: unknown): string {
  const text = cellText(value);
  const whole = titleOf(value, text);
  const title = whole === "" ? "" : ` title="${escapeHtml(whole)}"`;
  if (value instanceof ShareBar) return `<td style="white-space:nowrap"${title}>${value.html}</td>`;
  if (isNumeric(value) || text === "") return `<td${title}>${escapeHtml(text)}</td>`;
  return `<td style="${TEXT_STYLE}"${title}>${escapeHtml(cut(text, CUT))}</td>`;
}

/** Which columns hold only numbers. */
function numericColumns({ columns, rows }: Table): boolean[] {
  return columns.map((_, j) => rows.length > 0 && rows.every((row) => row[j] == null || isNumeric(row[j])));
}

/** A table as HTML: numbers right-aligned, texts left-aligned and cut, with tooltips. */
export function tableHtml(table: Table): string {
  const { columns, rows, index, caption } = table;
  const numeric = numericColumns(table);
  const names = columns.map(
    (name, j) => `<th scope="col"${numeric[j] ? "" : ' style="text-align:left"'}>${escapeHtml(name)}</th>`,
  );
  const body = rows.map((row, i) => {
    const label = index ? `<th scope="row">${escapeHtml(String(index[i] ?? ""))}</th>` : "";
    return `<tr>${label}${columns.map((_, j) => cellHtml(row[j])).join("")}</tr>`;
  });
  const title = caption ? `<p style="margin:0 0 4px 0">${escapeHtml(caption).replaceAll("\n", "<br>")}</p>` : "";
  const head = `<thead><tr>${index ? "<td></td>" : ""}${names.join("")}</tr></thead>`;
  return `${title}<table>${head}<tbody>${body.join("\n")}</tbody></table>`;
}

/**
 * A table as plain text with aligned columns, for the terminal.
 * @param limit longest text of a cell (default 60)
 */
export function tableText(table: Table, limit = 60): string {
  const { index } = table;
  const columns = index ? ["", ...table.columns] : table.columns;
  const rows = index ? table.rows.map((row, i) => [index[i], ...row]) : table.rows;
  const cells = rows.map((row) => columns.map((_, j) => cut(cellText(row[j]).replace(/\s+/g, " "), limit)));
  const widths = columns.map((name, j) => Math.max(name.length, ...cells.map((row) => row[j]?.length ?? 0)));
  const right = numericColumns({ columns, rows });
  const line = (row: string[]): string =>
    row
      .map((text, j) => (right[j] ? text.padStart(widths[j] ?? 0) : text.padEnd(widths[j] ?? 0)))
      .join("  ")
      .trimEnd();
  const lines = [line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...cells.map(line)];
  return [...(table.caption ? [table.caption] : []), ...lines].join("\n");
}
