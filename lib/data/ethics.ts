/** The ETHICS dataset (Hendrycks et al., 2021): https://huggingface.co/datasets/hendrycks/ethics */
import * as fs from "node:fs";
import * as path from "node:path";
import { FileFormatError } from "../files/errors";
import { type HubOptions, resolveDataset } from "../files/hub";
import { Dataset, DatasetDict, type Row } from "./dataset";
import { readCsv } from "./frame";

/** How a dataset is loaded. */
export interface LoadDatasetOptions extends HubOptions {
  /** Part of ETHICS (default "commonsense"). */
  config?: "commonsense";
}

/** Splits by the names that the hub's loader gives to the files. */
const SPLIT_FILES = { train: "train", validation: "test", test: "test_hard" } as const;

/** File prefixes of the original download. */
const PREFIXES = { commonsense: "cm" } as const;

/**
 * Loads ETHICS from the hub or from a folder: one in the hub's layout (`data/<config>/test_hard.csv`), in the original one
 * (`<config>/cm_test_hard.csv`) or one that holds just these files. A split without a file is left out.
 *
 * @param idOrFolder id of the hub, or a folder
 * @returns the splits train (file train), validation (test) and test (test_hard); commonsense has the columns label and input
 * @throws {HubError} an id cannot be had
 * @throws {FileFormatError} the folder or all files are missing, or a row has no text or no label of 0 or 1
 */
export async function loadDataset(idOrFolder: string, options: LoadDatasetOptions = {}): Promise<DatasetDict> {
  const config: string = options.config ?? "commonsense";
  if (!(config in PREFIXES)) {
    throw new RangeError(`\`config\`: expected one of ${Object.keys(PREFIXES).join(", ")}, got ${config}.`);
  }
  const folder = await resolveDataset(idOrFolder, options);
  const splits: [string, Dataset][] = [];
  for (const [split, name] of Object.entries(SPLIT_FILES)) {
    const file = candidates(folder, config as keyof typeof PREFIXES, name).find((candidate) =>
      fs.existsSync(candidate),
    );
    if (file !== undefined) splits.push([split, await readCommonsense(file)]);
  }
  if (splits.length === 0) {
    const [hub, original] = candidates("", config as keyof typeof PREFIXES, "test");
    throw new FileFormatError(path.resolve(folder), `expected files such as ${hub} or ${original}, got neither.`);
  }
  return DatasetDict.from(splits);
}

function candidates(folder: string, config: keyof typeof PREFIXES, name: string): string[] {
  const original = `${PREFIXES[config]}_${name}.csv`;
  return [
    path.join(folder, "data", config, `${name}.csv`),
    path.join(folder, config, original),
    path.join(folder, original),
    path.join(folder, `${name}.csv`),
  ];
}

/** Columns label and input; is_short and edited are dropped, as the hub's loader does. */
async function readCommonsense(file: string): Promise<Dataset> {
  const { columns, rows } = await readCsv(file);
  const missing = ["label", "input"].filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new FileFormatError(file, `expected the columns label and input, got ${columns.join(", ")}.`);
  }
  const parsed = rows.map(({ label, input }, index): Row => {
    if (label !== "0" && label !== "1") {
      throw new FileFormatError(file, `row ${index + 1}, \`label\`: expected 0 or 1, got ${JSON.stringify(label)}.`);
    }
    if (input === undefined || input.trim() === "") {
      throw new FileFormatError(file, `row ${index + 1}, \`input\`: expected a text, got none.`);
    }
    return { label: Number(label), input };
  });
  return Dataset.fromRows(parsed, ["label", "input"]);
}
