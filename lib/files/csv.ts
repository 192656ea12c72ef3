/** Reads CSV and TSV files as exact strings. */
import { type ParseConfig, parse } from "papaparse";
import { FileFormatError } from "./errors";
import { readText, type TextEncoding } from "./text";

/** A file of rows with named columns, as exact strings. */
export interface CsvTable {
  /** Column names: the header's, or "0", "1", … for a file without one. */
  columns: string[];
  /** The rows in the order of the file, every value the file's own characters. */
  rows: Record<string, string>[];
  /** The line of the file, from 1, in which a row begins. */
  lineOf(row: number): number;
}

/** How a CSV file is read. */
export interface CsvOptions {
  /** Whether the first line names the columns (default true). */
  header?: boolean;
  /** What stands between two values (default ","); of several, the first that is in the first line. */
  delimiter?: string | readonly string[];
  /** Default "utf-8". */
  encoding?: TextEncoding;
  /** Is called with the column names before the rows are read, so that it can refuse them soon (default: nothing). */
  checkColumns?(columns: readonly string[]): void;
}

/** What papaparse reports of quotes, in our words. */
const QUOTE_PROBLEMS: Readonly<Record<string, string>> = {
  MissingQuotes: "expected a closing quote for the value that opens here, got the end of the file",
  InvalidQuotes: "expected the end of the value behind its closing quote, got more text",
};

/**
 * Reads a CSV file (RFC 4180). Nothing is converted: a label "01" or a text "True" stays as it is. Empty lines are skipped.
 *
 * @throws {FileFormatError} the file is missing, empty or not of its encoding, two columns have one name, a row has
 *   another number of values than the first, or quotes are unbalanced: the line is named
 */
export function readCsv(path: string, options: CsvOptions = {}): CsvTable {
  const { header = true, encoding } = options;
  const text = readText(path, encoding);
  const newline = newlineOf(text);
  const known = [options.delimiter ?? ","].flat();
  const [head = ""] = text.split(/[\r\n]/, 1);
  const delimiter = known.find((each) => head.includes(each)) ?? known[0];
  const settings: ParseConfig = { delimiter, newline };
  if (header) checkHeader(text, settings, options.checkColumns);
  const { data, errors } = parse<string[]>(text, settings);
  const [problem] = errors;
  if (problem) {
    const line = lineAt(text, problem.index ?? 0);
    const what = QUOTE_PROBLEMS[problem.code] ?? `expected CSV, got "${problem.message}"`;
    throw new FileFormatError(path, `line ${line}: ${what}. Write a quote inside a quoted text twice ("").`);
  }
  // Where some lines end in \r\n and others, or quoted texts, have \n alone, the \r is left at the end of its line.
  if (newline === "\n" && text.includes("\r\n")) for (const values of data) dropReturn(values);
  const records = [...data.keys()].filter((record) => data[record]?.length !== 1 || data[record]?.[0] !== "");
  const lineOf = (row: number): number => {
    const before = records[header ? row + 1 : row] ?? 0;
    return before === 0 ? 1 : lineAt(text, parse(text, { ...settings, preview: before, fastMode: false }).meta.cursor);
  };
  const [first, ...body] = records.map((record) => data[record] as string[]);
  if (first === undefined) throw new FileFormatError(path, "expected rows, got an empty file.");
  const columns = header ? first : first.map((_, i) => String(i));
  const seen = new Set<string>();
  const twice = columns.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new FileFormatError(path, `\`${twice}\`: expected one column of this name, got two.`);
  const rows = (header ? body : [first, ...body]).map((values, row) => {
    if (values.length === columns.length) return Object.fromEntries(columns.map((name, i) => [name, values[i] ?? ""]));
    const expected = `expected ${columns.length} values, got ${values.length}`;
    throw new FileFormatError(
      path,
      `line ${lineOf(row)}: ${expected}. Quote texts that hold the separator or a line end.`,
    );
  });
  return { columns, rows, lineOf };
}

/** Reads the header alone; one that is broken is left to the reader of the whole file. */
function checkHeader(text: string, settings: ParseConfig, check: CsvOptions["checkColumns"]): void {
  const start = text.search(/[^\r\n]/);
  if (check === undefined || start < 0) return;
  const { data, errors } = parse<string[]>(text.slice(start), { ...settings, preview: 1, fastMode: false });
  const [columns = []] = data;
  dropReturn(columns);
  if (errors.length === 0) check(columns);
}

/** How lines end: as all of them do, or \n where they differ. */
function newlineOf(text: string): "\n" | "\r\n" | "\r" {
  if (!text.includes("\n")) return text.includes("\r") ? "\r" : "\n";
  return /(^|[^\r])\n/.test(text) ? "\n" : "\r\n";
}

function dropReturn(values: string[]): void {
  const last = values.length - 1;
  values[last] = values[last]?.replace(/\r$/, "") ?? "";
}

/** The line, from 1, of a position in a text. */
function lineAt(text: string, position: number): number {
  const end = text.includes("\n") ? "\n" : "\r";
  let line = 1;
  for (let at = text.indexOf(end); at >= 0 && at < position; at = text.indexOf(end, at + 1)) line++;
  return line;
}
