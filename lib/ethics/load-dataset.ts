/** Loads ETHICS or anybody's own dataset, whichever a name or folder stands for. */
import { existsSync } from "node:fs";
import type { DatasetDict } from "../data/dataset";
import { type LoadTablesOptions, loadTables } from "../data/load";
import { isTable, splitFiles } from "../data/split-files";
import { type HubOptions, resolveChosenFiles } from "../hub/resolve";
import {
  DEFAULT_DATASET,
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
  /** Part of ETHICS (default "commonsense"), whose labels alone are to be swapped for a sentiment model; of another dataset the folder of its part. */
  config?: string;
}

/**
 * Loads a dataset: a part of ETHICS from its id at the hub or from a folder in one of its layouts, or any file, folder or
 * dataset of the hub of CSV, TSV, JSONL or Parquet files with texts and labels.
 *
 * ETHICS has `label`, `input` (the text) and the columns of its files; in its layouts alone
 * `test.csv` is the split validation and `test_hard.csv` test. Anything else has `label`, a number from 0, `input`, and `inputPair` where a second text is read with it; the
 * labels' names are the dataset's `labelNames`, and splits are told by the names of files: a single file is train.
 *
 * @param idOrFolder id of the hub, a folder or a file
 * @returns the splits that are there of train, validation and test
 * @throws {HubError} an id cannot be had
 * @throws {FileFormatError} files, columns, texts or labels are missing or broken: file and line are named
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
  const path = await findDataset(idOrFolder, options);
  if (isEthicsFolder(path)) return loadEthics(path, ethicsOptions(options));
  return loadTables(path, { ...options, config: ownPart(options.config) });
}

/**
 * Finds any dataset that `loadDataset` reads.
 *
 * @returns its folder or file: as given, or the snapshot in the cache
 * @throws {HubError} an id cannot be had
 */
export async function findDataset(idOrFolder: string, options: LoadDatasetOptions = {}): Promise<string> {
  if (existsSync(idOrFolder) || isTable(idOrFolder)) return idOrFolder;
  if (idOrFolder === DEFAULT_DATASET) return resolveDataset(idOrFolder, ethicsOptions(options));
  return resolveChosenFiles(idOrFolder, chooser(options, ownPart(options.config)), options);
}

/** A part of ETHICS, as runs name it by default, says nothing of other data. */
function ownPart(config: string | undefined): string | undefined {
  return config !== undefined && Object.hasOwn(ETHICS_PARTS, config) ? undefined : config;
}

function ethicsOptions(options: LoadDatasetOptions): LoadEthicsOptions {
  return options as LoadEthicsOptions; // `loadEthics` refuses a config that is no part of ETHICS
}

/** Chooses the files of a repository at the hub that are to be read. */
function chooser(options: LoadDatasetOptions, part: string | undefined): (paths: string[]) => readonly string[] {
  return (paths) => {
    if (hasEthics((file) => paths.includes(file))) {
      return ethicsFiles(ethicsOptions(options).config ?? "commonsense", paths);
    }
    return paths.some(isTable) ? [...splitFiles(paths, part).values()].flat() : [];
  };
}
