/** The ETHICS dataset (Hendrycks et al., 2021): https://huggingface.co/datasets/hendrycks/ethics */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Dataset, DatasetDict, type Row } from "../data/dataset";
import { type CsvTable, readCsv } from "../files/csv";
import { FileFormatError } from "../files/errors";
import { HUB_OPTIONS, type HubOptions, resolveDatasetFiles } from "../hub/resolve";
import { checkOptions, type OptionKinds, pickOptions } from "../process/options";
import { ETHICS_PARTS, type EthicsConfig, ethicsPart } from "./parts";

/** Options of {@link loadEthics}. */
export interface LoadEthicsOptions extends HubOptions {
  /** Part of ETHICS (default "commonsense", the only one whose labels are swapped for a sentiment model). */
  config?: EthicsConfig;
}

/** Names and kinds of {@link LoadEthicsOptions}. */
export const ETHICS_OPTIONS: OptionKinds<LoadEthicsOptions> = { ...HUB_OPTIONS, config: "string" };

/** Hub id of ETHICS, the dataset of the original notebook. */
export const DEFAULT_DATASET = "hendrycks/ethics";

/** File of each split, which is named as by the hub's loader. */
const SPLIT_FILES = { train: "train", validation: "test", test: "test_hard" } as const;

/**
 * Loads a part of ETHICS from the hub or from a folder: one in the hub's layout (`data/<config>/test_hard.csv`), in the
 * original one (`<config>/cm_test_hard.csv`) or one that holds just these files. Splits without a file are left out.
 *
 * Columns: label and input of commonsense; label, scenario, (deontology) excuse, and input, the text for a model, of
 * deontology, justice and virtue; baseline, the more pleasant text, and less_pleasant of utilitarianism. Every row of
 * utilitarianism's files is kept, though they have no header and the hub's own loader skips their first line.
 *
 * @param idOrFolder id of the hub, or a folder
 * @returns the splits train (file train), validation (test) and test (test_hard)
 * @throws {HubError} the id is neither cached nor available
 * @throws {FileFormatError} the folder or all files are missing, or a row has no text or no label of 0 or 1
 */
export async function loadEthics(idOrFolder: string, options: LoadEthicsOptions = {}): Promise<DatasetDict> {
  const { config = "commonsense" } = options;
  ethicsPart(config);
  const folder = await resolveDataset(idOrFolder, pickOptions(options, ETHICS_OPTIONS));
  const splits: [string, Dataset][] = [];
  for (const [split, name] of Object.entries(SPLIT_FILES)) {
    const file = candidates(folder, config, name).find((candidate) => existsSync(candidate));
    if (file !== undefined) splits.push([split, readSplit(file, config)]);
  }
  if (splits.length === 0) throw noFile(folder, config, "test");
  return DatasetDict.from(splits);
}

/**
 * Finds the folder of a part of ETHICS.
 *
 * @param idOrFolder a folder, or the id of a dataset of the hub with files `data/<config>/{train,test,test_hard}.csv`
 * @param options.config part of the dataset (default "commonsense")
 * @returns the folder: as given, or the snapshot in the cache
 * @throws {HubError} the id is neither cached nor available
 */
export function resolveDataset(idOrFolder: string, options: HubOptions & { config?: string } = {}): Promise<string> {
  checkOptions("resolveDataset", options, ETHICS_OPTIONS);
  const { config = "commonsense" } = options;
  const files = Object.values(SPLIT_FILES).map((name) => `data/${config}/${name}.csv`);
  return resolveDatasetFiles(idOrFolder, files, options);
}

/**
 * Whether a folder has files of ETHICS in one of its layouts. `train.csv` and `test.csv` count only beside `test_hard.csv`,
 * since other datasets have such files too.
 */
export function isEthicsFolder(folder: string): boolean {
  return hasEthics((file) => existsSync(join(folder, file)));
}

/** As {@link isEthicsFolder}, for any list of files. */
export function hasEthics(has: (file: string) => boolean): boolean {
  if (has(`${SPLIT_FILES.test}.csv`)) return true;
  const own = (Object.keys(ETHICS_PARTS) as EthicsConfig[]).flatMap((config) =>
    Object.values(SPLIT_FILES).flatMap((name) => candidates("", config, name).slice(0, -1)),
  );
  return own.some(has);
}

/** The files of a part of ETHICS among others, in any of its layouts. */
export function ethicsFiles(config: EthicsConfig, paths: readonly string[]): string[] {
  ethicsPart(config);
  const wanted = Object.values(SPLIT_FILES).flatMap((name) => candidates("", config, name));
  return paths.filter((path) => wanted.includes(path));
}

/** Whether a folder has the scenarios of {@link loadAmbiguous}. */
export function hasAmbiguous(folder: string): boolean {
  return candidates(folder, "commonsense", "ambig").some((candidate) => existsSync(candidate));
}

/**
 * Loads the scenarios of commonsense on which people disagree, in any of ETHICS' layouts
 * (`commonsense/cm_ambig.csv`). They have no label.
 *
 * @param folder the dataset's folder; the hub's copy lacks this file
 * @returns a dataset with the column input
 * @throws {FileFormatError} there is no such file, or it is not one column of texts
 */
export async function loadAmbiguous(folder: string): Promise<Dataset> {
  const file = candidates(folder, "commonsense", "ambig").find((candidate) => existsSync(candidate));
  if (file === undefined) throw noFile(folder, "commonsense", "ambig");
  const table = readUnnamed(file, ["input"]);
  const rows = table.rows.map((_, index): Row => ({ input: readValue(file, table, index, "input") }));
  return Dataset.fromRows(rows, ["input"]);
}

function candidates(folder: string, config: EthicsConfig, name: string): string[] {
  const original = `${ETHICS_PARTS[config].filePrefix}_${name}.csv`;
  return [
    join(folder, "data", config, `${name}.csv`),
    join(folder, config, original),
    join(folder, original),
    join(folder, `${name}.csv`),
  ];
}

function noFile(folder: string, config: EthicsConfig, name: string): FileFormatError {
  const [hub, original] = candidates("", config, name);
  return new FileFormatError(resolve(folder), `expected files such as ${hub} or ${original}, got neither.`);
}

/** Reads the part's columns and adds the text for a model; like the hub's loader it drops others, such as is_short. */
function readSplit(file: string, config: EthicsConfig): Dataset {
  const { columns: expected, inputColumns } = ETHICS_PARTS[config];
  const table = config === "utilitarianism" ? readUnnamed(file, expected) : readCsv(file);
  if (expected.some((name) => !table.columns.includes(name))) {
    throw new FileFormatError(file, `expected the columns ${listed(expected)}, got ${table.columns.join(", ")}.`);
  }
  const rows = table.rows.map((row, index): Row => {
    const kept = expected.map((name) => [name, readValue(file, table, index, name)]);
    const input = inputColumns.map((name) => row[name]).join(" [SEP] ");
    return Object.fromEntries(inputColumns.length > 0 ? [...kept, ["input", input]] : kept);
  });
  return Dataset.fromRows(rows, inputColumns.length > 0 ? [...expected, "input"] : expected);
}

/** Reads a file without a header; a first line counts as one only if it has the columns' names. */
function readUnnamed(file: string, names: readonly string[]): CsvTable {
  const { columns, rows, lineOf } = readCsv(file, { header: false });
  if (columns.length !== names.length) {
    const [expected, got] = [names, columns].map(({ length }) => `${length} column${length === 1 ? "" : "s"}`);
    throw new FileFormatError(file, `expected ${expected} (${names.join(", ")}), got ${got}.`);
  }
  const header = columns.every((column, i) => rows[0]?.[column] === names[i]) ? 1 : 0;
  const named = (row: Record<string, string>): Record<string, string> =>
    Object.fromEntries(names.map((name, i) => [name, row[String(i)] ?? ""]));
  return { columns: [...names], rows: rows.slice(header).map(named), lineOf: (row) => lineOf(row + header) };
}

/** A row's value in a column: a label as a number, or a text. */
function readValue(file: string, { rows, lineOf }: CsvTable, index: number, name: string): number | string {
  const value = rows[index]?.[name] ?? "";
  const isLabel = name === "label";
  if (isLabel ? value === "0" || value === "1" : value.trim() !== "") return isLabel ? Number(value) : value;
  const problem = isLabel ? `expected 0 or 1, got ${JSON.stringify(value)}` : "expected a text, got none";
  throw new FileFormatError(file, `line ${lineOf(index)}, \`${name}\`: ${problem}.`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
