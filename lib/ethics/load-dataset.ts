/** Loads ETHICS or anybody's own dataset, whichever a name or folder stands for. */
import { statSync } from "node:fs";
import type { DatasetDict } from "../data/dataset";
import { type LoadTablesOptions, loadTables } from "../data/load";
import type { HubOptions } from "../hub/resolve";
import { isEthicsFolder, loadEthics } from "./dataset";
import { ETHICS_PARTS, type EthicsConfig } from "./parts";

/** Options of {@link loadDataset}. */
export interface LoadDatasetOptions extends HubOptions, LoadTablesOptions {
  /** Part of ETHICS (default "commonsense"), whose labels alone are to be swapped for a sentiment model; of another dataset the folder of its part. */
  config?: string;
}

/**
 * Loads a dataset: a part of ETHICS from its id at the hub or from a folder in one of its layouts ({@link loadEthics}), or
 * any file or folder of CSV, TSV or JSONL files with texts and labels ({@link loadTables}).
 *
 * ```ts
 * const reviews = await loadDataset("reviews.csv", { textColumn: "review", labelColumn: "stars", validationShare: 0.1 });
 * reviews.labelNames; // ["1", "2", "3", "4", "5"]
 * ```
 *
 * @param idOrFolder id of the hub, a folder or a file
 * @returns the splits that are there of train, validation and test
 * @throws {HubError} an id cannot be had
 * @throws {FileFormatError} files, columns, texts or labels are missing or broken: file and line are named
 * @throws {RangeError} an option is out of its range
 */
export async function loadDataset(idOrFolder: string, options: LoadDatasetOptions = {}): Promise<DatasetDict> {
  const { config } = options;
  const stats = statSync(idOrFolder, { throwIfNoEntry: false });
  const isOwn = stats?.isFile() || (stats?.isDirectory() && !isEthicsFolder(idOrFolder));
  if (!isOwn) return loadEthics(idOrFolder, options as HubOptions & { config?: EthicsConfig });
  const { config: _, ...others } = options;
  // A part of ETHICS, as runs name it by default, says nothing of other data.
  return loadTables(idOrFolder, config === undefined || Object.hasOwn(ETHICS_PARTS, config) ? others : options);
}
