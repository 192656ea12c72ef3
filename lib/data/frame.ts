/** The only place that knows danfo: its DataFrames, made of rows. */
import { optional } from "../process/optional";

/** One table row: column name to value. */
export type FrameRow = Record<string, unknown>;

/** The part of a danfo DataFrame that this library promises; the object behind it has every danfo method. */
export interface Frame {
  readonly columns: string[];
  /** Number of rows, number of columns. */
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
  toString(): string;
}

interface Danfo {
  DataFrame: new (data: unknown[][], options: { columns: string[]; dtypes?: string[] }) => Frame;
}

/** danfo takes a second to load, so it is loaded when the first table is needed. */
function danfo(): Danfo {
  return optional("danfojs-node", () => require("danfojs-node") as Danfo);
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

/** Whether a value is a danfo DataFrame, or looks like one; danfo need not be loaded. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const frame = value as Partial<Frame>;
  return Array.isArray(frame.columns) && Array.isArray(frame.values) && typeof frame.head === "function";
}
