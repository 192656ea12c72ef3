import { resolve } from "node:path";

/** One table row: column name to value. */
export type FrameRow = Record<string, unknown>;

/** The part of a danfo DataFrame that this library promises; the object behind it has every danfo method. */
export interface Frame {
  /** Column names, left to right. */
  readonly columns: string[];
  /** Rows and columns. */
  readonly shape: [number, number];
  /** Row labels, normally 0, 1, 2, … */
  readonly index: (string | number)[];
  /** All values, row by row. */
  readonly values: unknown[][];
  /** The first rows (five unless told). */
  head(rows?: number): Frame;
  /** The last rows (five unless told). */
  tail(rows?: number): Frame;
  /** Count, mean, spread and extremes of the numeric columns. */
  describe(): Frame;
  /** The rows sorted by one column. */
  sortValues(column: string, options?: { ascending?: boolean }): Frame;
  /** The table as text. */
  toString(): string;
}

/** A CSV file as exact strings. */
export interface CsvTable {
  /** Column names: the header's, or "0", "1", … for a file without one. */
  columns: string[];
  /** The rows in the order of the file, every value the file's own characters. */
  rows: Record<string, string>[];
}

interface Danfo {
  DataFrame: new (data: unknown[][], options: { columns: string[]; dtypes?: string[] }) => Frame;
  readCSV(file: string, options: Record<string, unknown>): Promise<Frame>;
}

/** danfo takes a second to load, so it is loaded when the first table is needed. */
function danfo(): Danfo {
  return require("danfojs-node") as Danfo;
}

/**
 * Reads a CSV file with danfo. Values stay strings: a label "01" or a text "True" is not reinterpreted.
 * @param options.header whether the first line names the columns (default true)
 * @throws when the file is missing, empty, or a row has another number of values than the first
 */
export async function readCsv(file: string, options: { header?: boolean } = {}): Promise<CsvTable> {
  const path = resolve(file);
  let parsed: unknown[][];
  try {
    // Rows as arrays: the header is taken off below, where a row of another length is seen.
    const frame = await danfo().readCSV(path, {
      header: false,
      dynamicTyping: false,
      skipEmptyLines: true,
      // danfo decodes a file piece by piece and breaks characters at the seams; one byte a character cannot break.
      encoding: "latin1",
    });
    parsed = frame.values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`\`${path}\`: expected a readable CSV file with rows, got "${reason}".`);
  }
  const lines = parsed.map((line) => line.map((value) => Buffer.from(String(value ?? ""), "latin1").toString("utf8")));
  const first = lines[0] ?? [];
  if (first[0]?.startsWith("\uFEFF")) first[0] = first[0].slice(1);
  const columns = options.header === false ? first.map((_, i) => String(i)) : first;
  const body = options.header === false ? lines : lines.slice(1);
  const rows = body.map((line, i) => {
    if (line.length !== columns.length) {
      throw new Error(
        `\`${path}\`, row ${i + 1}: expected ${columns.length} values, got ${line.length}. Quote texts that hold a comma.`,
      );
    }
    return Object.fromEntries(columns.map((column, j) => [column, line[j] ?? ""]));
  });
  return { columns, rows };
}

/**
 * Makes a danfo DataFrame of rows.
 * @param columns which columns, in which order; default: those of the first row
 * @throws when there is no row and no column to show
 */
export function toDataFrame(rows: FrameRow[], columns: string[] = Object.keys(rows[0] ?? {})): Frame {
  if (columns.length === 0) throw new Error("`toDataFrame`: expected at least one row or column, got none.");
  return new (danfo().DataFrame)(
    rows.map((row) => columns.map((column) => row[column] ?? null)),
    { columns },
  );
}

/** Whether a value is a danfo DataFrame (or has its shape), without loading danfo. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const frame = value as Partial<Frame>;
  return Array.isArray(frame.columns) && Array.isArray(frame.values) && typeof frame.head === "function";
}
