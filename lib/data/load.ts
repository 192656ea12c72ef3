/** Loads anybody's dataset for classification: a file, or a folder of files, with texts and labels. */
import { readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { FileFormatError } from "../files/errors";
import type { TextEncoding } from "../files/text";
import { Mt19937 } from "../tensor/random";
import { type ColumnOptions, type Columns, findColumns } from "./columns";
import { Dataset, DatasetDict, type Row } from "./dataset";
import { labelText, orderedLabels } from "./label-names";
import { type SplitFiles, splitFiles } from "./split-files";
import { readTable, type Table } from "./table";

/** Options of {@link loadTables}. */
export interface LoadTablesOptions extends ColumnOptions {
  /** Folder of a part of the dataset, where it has several. */
  config?: string;
  /** Names of the labels, label 0 first (default: the labels of train, numbers ascending or names alphabetically; of Parquet, the names that the file has). */
  labelNames?: readonly string[];
  /** Share of train that becomes the validation split, above 0 and below 1 (default: none). */
  validationShare?: number;
  /** Decides which rows become the validation split (default 42). */
  seed?: number;
  /** Encoding of CSV, TSV and JSONL (default "utf-8"). */
  encoding?: TextEncoding;
}

/** A row with its table and its place in it. */
interface Read extends Columns {
  table: Table;
  row: Row;
  index: number;
}

/**
 * Loads a file, or a folder whose files are splits by their names ({@link splitFiles}). A single file is train.
 *
 * Columns: `label`, a number from 0; `input`, the text; and `inputPair`, where a second text is read with it. The names of
 * the labels are the dataset's `labelNames`. With `validationShare`, the rows that `torch.randperm` puts first for the seed
 * become validation; the others stay train, in their order.
 *
 * @throws {FileFormatError} a file is missing or broken, a column is not found, a text is empty or a label is unknown: file
 *   and line are named
 * @throws {RangeError} files, labels or `validationShare` are not as they must be
 */
export async function loadTables(path: string, options: LoadTablesOptions = {}): Promise<DatasetDict> {
  const { encoding, validationShare } = options;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new FileFormatError(path, "expected a file or a folder, got none.");
  const files = stats.isDirectory() ? filesOf(path, options.config) : new Map([["train", [path]]]);
  const splits: [string, Read[]][] = [];
  for (const [name, paths] of files) {
    const tables: Table[] = [];
    for (const file of paths) {
      const checkColumns = (columns: readonly string[]): unknown => findColumns({ file, columns }, options);
      tables.push(await readTable(file, { encoding, checkColumns }));
    }
    splits.push([name, tables.flatMap((table) => readRows(table, options))]);
  }
  const [[, first = []] = []] = splits;
  const given = options.labelNames ?? first[0]?.table.classNames?.[first[0].label];
  const labelNames = given ?? namesOf(first);
  const numbers = new Map(labelNames.map((name, number) => [labelText(name), number]));
  if (numbers.size !== labelNames.length) {
    throw new RangeError(`\`labelNames\`: expected different names, got ${labelNames.join(", ")}.`);
  }
  // Where names are given, the files may have the numbers of the labels instead.
  const byNumber = given !== undefined && ![...numbers.keys()].some((name) => /^-?\d+$/.test(name));
  if (byNumber) for (const number of labelNames.keys()) numbers.set(`${number}`, number);
  const datasets = splits.map(([name, rows]): [string, Dataset] => [name, datasetOf(rows, numbers, labelNames)]);
  return divided(DatasetDict.from(datasets, labelNames), validationShare, options.seed ?? 42);
}

/** The files of a folder and of those in it, by split. */
function filesOf(folder: string, config: string | undefined): SplitFiles {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
  try {
    const found = splitFiles(paths, config);
    return new Map([...found].map(([name, files]) => [name, files.map((file) => join(folder, file))]));
  } catch (error) {
    throw error instanceof RangeError ? new FileFormatError(folder, error.message) : error;
  }
}

function readRows(table: Table, options: ColumnOptions): Read[] {
  const columns = findColumns(table, options);
  return table.rows.map((row, index) => ({ ...columns, table, row, index }));
}

/** The labels of the split that comes first. */
function namesOf(rows: readonly Read[]): string[] {
  const [first] = rows;
  const labels = rows.map((read) => {
    const text = labelText(read.row[read.label]);
    return text === "" ? fail(read, read.label, "expected a label, got none") : text;
  });
  try {
    return orderedLabels(labels);
  } catch (error) {
    if (first === undefined || !(error instanceof RangeError)) throw error;
    const remedy = "Is it the column of the labels? `labelColumn` names another.";
    throw new FileFormatError(first.table.file, `\`${first.label}\`: ${error.message} ${remedy}`);
  }
}

/**
 * The normalised rows of a split. One in which every label is -1, as Hugging Face's datasets mark a test split whose labels
 * are secret, has no column of labels.
 *
 * @param numbers of the labels, by what the files have
 */
function datasetOf(
  rows: readonly Read[],
  numbers: ReadonlyMap<string, number>,
  labelNames: readonly string[],
): Dataset {
  const isSecret = !numbers.has("-1") && rows.every((read) => labelText(read.row[read.label]) === "-1");
  const normalised = rows.map((read): Row => {
    const input = textOf(read, read.text);
    const texts = read.pair === undefined ? { input } : { input, inputPair: textOf(read, read.pair) };
    if (isSecret) return texts;
    const text = labelText(read.row[read.label]);
    const number = numbers.get(text);
    if (number === undefined) {
      fail(read, read.label, `expected one of the labels ${labelNames.slice(0, 10).join(", ")}, got ${text || "none"}`);
    }
    return { label: number, ...texts };
  });
  return Dataset.fromRows(normalised);
}

function textOf(read: Read, column: string): string {
  const text = read.row[column];
  if (typeof text === "string" && text.trim() !== "") return text;
  const got = text === undefined || text === null || typeof text === "string" ? "none" : typeof text;
  return fail(read, column, `expected a text, got ${got}`);
}

function fail({ table, index }: Read, column: string, problem: string): never {
  throw new FileFormatError(table.file, `${table.placeOf(index)}, \`${column}\`: ${problem}.`);
}

function divided(dataset: DatasetDict, share: number | undefined, seed: number): DatasetDict {
  if (share === undefined) return dataset;
  if (!(share > 0 && share < 1)) {
    throw new RangeError(`\`validationShare\`: expected a number above 0 and below 1, got ${share}.`);
  }
  if (!dataset.names.includes("train") || dataset.names.includes("validation")) {
    const got = dataset.names.join(", ");
    throw new RangeError(`\`validationShare\`: expected a dataset with train and without validation, got ${got}.`);
  }
  const { train } = dataset;
  const count = Math.min(Math.max(1, Math.round(share * train.numRows)), train.numRows - 1);
  const order = [...new Mt19937(seed).randperm(train.numRows)];
  const [validation, rest] = [order.slice(0, count), order.slice(count).sort((a, b) => a - b)];
  const others = dataset.names.filter((name) => name !== "train").map((name) => [name, dataset.get(name)] as const);
  const parts = [["train", train.select(rest)], ["validation", train.select(validation)], ...others] as const;
  return DatasetDict.from(parts, dataset.labelNames);
}
