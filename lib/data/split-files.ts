/** Which files make up which split, by their names. */
import { endingOf, TABLE_ENDINGS } from "./table";

/** The names of splits, as they occur in the names of files and folders. */
const SPLIT_NAMES: Readonly<Record<string, RegExp>> = {
  train: /(^|[^a-z])(train|training)([^a-z]|$)/,
  validation: /(^|[^a-z])(validation|valid|val|dev)([^a-z]|$)/,
  test: /(^|[^a-z])test([^a-z]|$)/,
};

/** Files of each split, in the order in which their rows follow each other. */
export type SplitFiles = Map<string, string[]>;

/**
 * Sorts the files of a dataset into splits: by their own names (`train.csv`, `my-dev.jsonl`,
 * `train-00000-of-00002.csv`), else by the folder that they lie in (`train/0000.csv`). A single file without such a
 * name is train.
 *
 * @param paths relative to the dataset's folder, with slashes
 * @param config folder of a part of the dataset, where it has several
 * @throws {RangeError} there are no files, no splits among them, a split in files of several kinds, or several parts and
 *   no `config`
 */
export function splitFiles(paths: readonly string[], config?: string): SplitFiles {
  const tables = paths.filter(isTable).sort();
  if (tables.length === 0) {
    throw new RangeError(`expected files that end in .${TABLE_ENDINGS.join(", .")}, got ${listed(paths)}.`);
  }
  const chosen = ofConfig(tables, config);
  const [only] = chosen;
  const splits = bySplit(chosen);
  for (const [name, files] of splits) checkKinds(name, files);
  if (splits.size > 0) return splits;
  if (chosen.length === 1 && only !== undefined) return new Map([["train", [only]]]);
  throw new RangeError(
    `expected files with train, validation or test in their names, got ${listed(chosen)}. Name one file instead of the folder.`,
  );
}

/** @throws {RangeError} some files of a split may be others of it in another format */
function checkKinds(split: string, files: readonly string[]): void {
  const kinds = new Map(files.map((path) => [endingOf(path), path]));
  if (kinds.size < 2) return;
  const got = [...kinds.values()].join(" and ");
  throw new RangeError(
    `split \`${split}\`: expected files that end alike, got ${got}. Leave one kind of them in the folder, or name one file instead of the folder.`,
  );
}

/** Whether a file can be read by its ending, and is not hidden. */
export function isTable(path: string): boolean {
  return TABLE_ENDINGS.includes(endingOf(path)) && !/(^|\/)\./.test(path);
}

/** The files of one part; parts are folders that hold splits of their own. */
function ofConfig(tables: readonly string[], config: string | undefined): readonly string[] {
  const parts = [...new Set(tables.map(partOf))];
  const wanted = config ?? (parts.includes("default") ? "default" : parts[0]);
  if (config === undefined && parts.length > 1 && !parts.includes("default") && !parts.includes("")) {
    throw new RangeError(`\`config\`: expected one of the dataset's parts ${listed(parts)}, got none.`);
  }
  if (config === undefined && parts.includes("")) return tables.filter((path) => partOf(path) === "");
  const found = tables.filter((path) => partOf(path) === wanted);
  if (found.length > 0) return found;
  throw new RangeError(`\`config\`: expected one of the dataset's parts ${listed(parts)}, got ${config}.`);
}

/** The folder of a file's part: "" where the files lie in the dataset's folder, its `data`, or a folder of a split. */
function partOf(path: string): string {
  const folders = path.split("/").slice(0, -1);
  return folders.filter((name) => name !== "data" && splitOf(name) === undefined).join("/");
}

function bySplit(paths: readonly string[]): SplitFiles {
  const found: [string, string][] = paths.flatMap((path): [string, string][] => {
    const split = path.split("/").reverse().map(splitOf).find(Boolean);
    return split === undefined ? [] : [[split, path]];
  });
  const splits = Object.keys(SPLIT_NAMES).map((name): [string, string[]] => [
    name,
    found.filter(([split]) => split === name).map(([, path]) => path),
  ]);
  return new Map(splits.filter(([, files]) => files.length > 0));
}

function splitOf(name: string): string | undefined {
  return Object.entries(SPLIT_NAMES).find(([, pattern]) => pattern.test(name.toLowerCase()))?.[0];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length === 0 ? "none" : names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
