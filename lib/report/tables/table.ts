import { inspect } from "node:util";
import { escapeHtml, formatNumber, percent } from "../format";

/** What a table shows: rows of cells under column names. */
export interface Table {
  /** Column names, left to right. */
  columns: string[];
  /** The cells, row by row. */
  rows: unknown[][];
  /** Above the table: a line, or several. */
  caption?: string;
  /** A first column of row labels. */
  index?: (string | number)[];
}

/** A share of 1 in a cell: a bar with its percentage. */
export class ShareBar {
  /** @param share 0 to 1 */
  constructor(readonly share: number) {}

  toString(): string {
    return Number.isFinite(this.share) ? percent(this.share) : "";
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const CUT = 120;

// JupyterLab aligns every cell to the right; these properties pass its sanitizer in a notebook that is not yet trusted.
const TEXT_STYLE = "text-align:left;white-space:normal;word-wrap:break-word;max-width:40em";

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || value instanceof ShareBar;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = Array.from(value as ArrayLike<unknown>);
    const more = items.length > 12 ? `, … ${items.length} in all` : "";
    return `[${items.slice(0, 12).join(", ")}${more}]`;
  }
  return typeof value === "object" && !(value instanceof ShareBar) ? JSON.stringify(value) : String(value);
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).trimEnd()}…` : text;
}

function cellHtml(value: unknown): string {
  const text = cellText(value);
  if (value instanceof ShareBar) {
    const bar = `<progress value="${value.share || 0}" max="1" style="width:80px;vertical-align:middle"></progress>`;
    return `<td style="white-space:nowrap">${bar} ${text}</td>`;
  }
  if (isNumeric(value) || text === "") return `<td>${escapeHtml(text)}</td>`;
  const title = text.length > CUT ? ` title="${escapeHtml(text)}"` : "";
  return `<td style="${TEXT_STYLE}"${title}>${escapeHtml(cut(text, CUT))}</td>`;
}

/** A table as HTML: numbers to the right, texts to the left and cut, with the whole text shown by the mouse. */
export function tableHtml(table: Table): string {
  const { columns, rows, index, caption } = table;
  const numeric = columns.map((_, j) => rows.length > 0 && rows.every((row) => row[j] == null || isNumeric(row[j])));
  const names = columns.map((name, j) => `<th${numeric[j] ? "" : ' style="text-align:left"'}>${escapeHtml(name)}</th>`);
  const body = rows.map((row, i) => {
    const label = index ? `<th>${escapeHtml(String(index[i] ?? ""))}</th>` : "";
    return `<tr>${label}${columns.map((_, j) => cellHtml(row[j])).join("")}</tr>`;
  });
  const title = caption ? `<p style="margin:0 0 4px 0">${escapeHtml(caption).replaceAll("\n", "<br>")}</p>` : "";
  const head = `<thead><tr>${index ? "<th></th>" : ""}${names.join("")}</tr></thead>`;
  return `${title}<table>${head}<tbody>${body.join("\n")}</tbody></table>`;
}

/** A table as plain text with aligned columns, for the terminal. */
export function tableText(table: Table, limit = 60): string {
  const indexed = table.index;
  const columns = indexed ? ["", ...table.columns] : table.columns;
  const rows = indexed ? table.rows.map((row, i) => [indexed[i], ...row]) : table.rows;
  const cells = rows.map((row) => columns.map((_, j) => cut(cellText(row[j]).replace(/\s+/g, " "), limit)));
  const widths = columns.map((name, j) => Math.max(name.length, ...cells.map((row) => row[j]?.length ?? 0)));
  const right = columns.map((_, j) => rows.length > 0 && rows.every((row) => row[j] == null || isNumeric(row[j])));
  const line = (row: string[]): string =>
    row
      .map((text, j) => (right[j] ? text.padStart(widths[j] ?? 0) : text.padEnd(widths[j] ?? 0)))
      .join("  ")
      .trimEnd();
  const lines = [line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...cells.map(line)];
  return [...(table.caption ? [table.caption] : []), ...lines].join("\n");
}
