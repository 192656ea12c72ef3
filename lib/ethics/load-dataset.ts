/** Loads ETHICS or any other dataset from the hub, a folder or a file. */

import { existsSync } from "node:fs";
import type { DatasetDict } from "../data/dataset";
import { type LoadTablesOptions, loadTables } from "../data/load";
import { isTable, splitFiles } from "../data/split-files";
import { HUB_OPTIONS, type HubOptions, resolveChosenFiles } from "../hub/resolve";
import { checkOptions, type OptionKinds, pickOptions } from "../process/options";
import {
  DEFAULT_DATASET,
  ETHICS_OPTIONS,
  ethicsFiles,
  hasEthics,
  isEthicsFolder,
  type LoadEthicsOptions,
  loadEthics,
  resolveDataset,
} from "./dataset";
import { ETHICS_PARTS } from "./parts";

/** Options of {@link loadDataset}. */
export interface LoadDatasetOptions extends HubOptions, LoadTablesOptions {
  /** Part of ETHICS (default "commonsense"), or the folder of a part of another dataset. */
  config?: string;
}

const OPTIONS: OptionKinds<LoadDatasetOptions> = {
  ...HUB_OPTIONS,
  textColumn: "string",
  textPairColumn: "string",
  labelColumn: "string",
  config: "string",
  labelNames: "list",
  validationShare: "number",
  seed: "number",
  encoding: "string",
};

/**
 * Loads a dataset: a part of ETHICS from its id at the hub or from a folder in one of its layouts, or any file, folder or
 * dataset of the hub of CSV, TSV, JSONL or Parquet files with texts and labels.
 *
 * ETHICS has `label`, `input` (the text) and the columns of its files; only there, `test.csv` is the split validation and
 * `test_hard.csv` the split test. Other data has `label`, a number from 0, `input`, and `inputPair`
 * if it has a second text; its `labelNames` are the labels' names, and its splits follow from the names of its files: a
 * single file is train.
 *
 * @param idOrFolder id of the hub, a folder or a file
 * @returns the splits that are there of train, validation and test
 * @throws {HubError} the id is neither cached nor available
 * @throws {FileFormatError} files, columns, texts or labels are missing or broken; the error names file and line
 * @throws {RangeError} an option is out of its range
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { loadDataset } from "ethics-for-robots";
 *
 * writeFileSync("reviews.csv", "review,stars\nGood soup.,5\nCold soup.,1\nWarm soup.,4\nNo soup.,1\n");
 * const reviews = await loadDataset("reviews.csv", { textColumn: "review", labelColumn: "stars", validationShare: 0.25 });
 * reviews.labelNames; // ["1", "4", "5"]
 * ```
 */
export async function loadDataset(idOrFolder: string, options: LoadDatasetOptions = {}): Promise<DatasetDict> {
  checkOptions("loadDataset", options, OPTIONS);
  const path = await findDataset(idOrFolder, options);
  if (isEthicsFolder(path)) return loadEthics(path, ethicsOptions(options));
  return loadTables(path, { ...options, config: ownPart(options.config) });
}

/**
 * Finds a dataset that `loadDataset` can read.
 *
 * @returns its folder or file: as given, or the snapshot in the cache
 * @throws {HubError} the id is neither cached nor available
 */
export async function findDataset(idOrFolder: string, options: LoadDatasetOptions = {}): Promise<string> {
  if (existsSync(idOrFolder) || isTable(idOrFolder)) return idOrFolder;
  if (idOrFolder === DEFAULT_DATASET)
    return resolveDataset(idOrFolder, pickOptions(ethicsOptions(options), ETHICS_OPTIONS));
  return resolveChosenFiles(idOrFolder, chooser(options, ownPart(options.config)), options);
}

/** The part of a dataset other than ETHICS; runs name a part of ETHICS by default, which does not count. */
function ownPart(config: string | undefined): string | undefined {
  return config !== undefined && Object.hasOwn(ETHICS_PARTS, config) ? undefined : config;
}

function ethicsOptions(options: LoadDatasetOptions): LoadEthicsOptions {
  return options as LoadEthicsOptions; // `loadEthics` refuses a config that is no part of ETHICS
}

/** Chooses which files of a hub repository are downloaded. */
function chooser(options: LoadDatasetOptions, part: string | undefined): (paths: string[]) => readonly string[] {
  return (paths) => {
    if (hasEthics((file) => paths.includes(file))) {
      return ethicsFiles(ethicsOptions(options).config ?? "commonsense", paths);
    }
    return paths.some(isTable) ? [...splitFiles(paths, part).values()].flat() : [];
  };
}
