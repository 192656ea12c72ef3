/** Files of rows as tables, by their ending: CSV, TSV, JSONL and Parquet. */
import { readCsv } from "../files/csv";
import { FileFormatError } from "../files/errors";
import { readJsonl } from "../files/jsonl";
import { readParquet } from "../files/parquet/parquet";
import type { TextEncoding } from "../files/text";
import type { Row } from "./dataset";

/** The rows of a file, unchanged. */
export interface Table {
  file: string;
  columns: readonly string[];
  rows: readonly Row[];
  /** Where a row stands in the file, for errors: "line 3". */
  placeOf(row: number): string;
  /** Names of the values of columns, where the file says them: value 0 first. */
  classNames?: Readonly<Record<string, readonly string[]>>;
}

type Content = Omit<Table, "file">;

/** How a file is read. */
export interface TableOptions {
  /** Of CSV, TSV and JSONL (default "utf-8"). */
  encoding?: TextEncoding;
  /** Is called with the columns of CSV and TSV before their rows are read, so that it can refuse them soon. */
  checkColumns?(columns: readonly string[]): void;
}

type Reader = (file: string, options: TableOptions) => Content | Promise<Content>;

const READERS: Readonly<Record<string, Reader>> = {
  // Some spreadsheets write semicolons into a file that ends in .csv.
  csv: (file, options) => separated(file, [",", ";", "\t"], options),
  tsv: (file, options) => separated(file, ["\t", ",", ";"], options),
  jsonl: (file, options) => {
    const { rows, lines } = readJsonl(file, options);
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return { columns, rows, placeOf: (row) => `line ${lines[row]}` };
  },
  parquet: async (file) => ({ ...(await readParquet(file)), placeOf: (row) => `row ${row + 1}` }),
};

/** Endings of the files that can be read. */
export const TABLE_ENDINGS: readonly string[] = Object.keys(READERS);

/** A file's ending in small letters, without its dot. */
export function endingOf(file: string): string {
  return /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? "";
}

/**
 * Reads a file of rows.
 *
 * @throws {FileFormatError} the file is of another kind, missing, broken or without rows
 */
export async function readTable(file: string, options: TableOptions = {}): Promise<Table> {
  const reader = READERS[endingOf(file)];
  const expected = `expected a file that ends in .${TABLE_ENDINGS.join(", .")}`;
  if (!reader) throw new FileFormatError(file, `${expected}, got another. Save it as one of these.`);
  const table = { file, ...(await reader(file, options)) };
  if (table.rows.length > 0) return table;
  throw new FileFormatError(
    file,
    `expected rows of texts and labels, got the columns ${table.columns.join(", ")} alone.`,
  );
}

function separated(file: string, delimiter: readonly string[], options: TableOptions): Content {
  const { columns, rows, lineOf } = readCsv(file, { delimiter, ...options });
  return { columns, rows, placeOf: (row) => `line ${lineOf(row)}` };
}
