/** Rows with named columns, as Hugging Face's `datasets` has them. */
import { inspect } from "node:util";
import { Mt19937 } from "../tensor/random";
import { type Frame, toDataFrame } from "./frame";

/** One row: column name to value. */
export type Row = Record<string, unknown>;

/** An immutable table of rows with named columns. */
export class Dataset {
  readonly #rows: readonly Row[];

  private constructor(
    /** Names of the columns, in order. */
    readonly columnNames: readonly string[],
    rows: readonly Row[],
  ) {
    this.#rows = rows;
  }

  /** @param columnNames default: the keys of the first row */
  static fromRows(rows: readonly Row[], columnNames: readonly string[] = Object.keys(rows[0] ?? {})): Dataset {
    return new Dataset(columnNames, rows);
  }

  get numRows(): number {
    return this.#rows.length;
  }

  /** @throws {RangeError} there is no row of this number, which counts from 0 */
  get(index: number): Row {
    const row = this.#rows[index];
    if (row === undefined) throw new RangeError(`row ${index}: expected an index from 0 to ${this.numRows - 1}.`);
    return row;
  }

  rows(): readonly Row[] {
    return this.#rows;
  }

  /** The values of one column. @throws {RangeError} there is no such column */
  column(name: string): unknown[] {
    if (!this.columnNames.includes(name)) {
      throw new RangeError(`\`${name}\`: expected one of the columns ${this.columnNames.join(", ")}.`);
    }
    return this.#rows.map((row) => row[name]);
  }

  /** A dataset of the rows that `fn` makes of these; columns that it adds come last. */
  map(fn: (row: Row, index: number) => Row): Dataset {
    const rows = this.#rows.map((row, index) => ({ ...row, ...fn(row, index) }));
    const added = Object.keys(rows[0] ?? {}).filter((name) => !this.columnNames.includes(name));
    return new Dataset([...this.columnNames, ...added], rows);
  }

  /** The rows for which `fn` is true. */
  filter(fn: (row: Row, index: number) => boolean): Dataset {
    return new Dataset(this.columnNames, this.#rows.filter(fn));
  }

  /** The rows of these numbers, in this order. */
  select(indices: Iterable<number>): Dataset {
    return new Dataset(
      this.columnNames,
      Array.from(indices, (index) => this.get(index)),
    );
  }

  /** A random sample of at most `count` rows: the first of `torch.randperm` for the seed. */
  sample(count: number, seed: number): Dataset {
    if (count >= this.numRows) return this;
    return this.select(new Mt19937(seed).randperm(this.numRows).slice(0, count));
  }

  /** The rows as a danfo DataFrame. */
  toDataFrame(): Frame {
    return toDataFrame(this.#rows as Row[]);
  }

  [inspect.custom](): string {
    const features = this.columnNames.map((name) => `'${name}'`).join(", ");
    return `Dataset({\n    features: [${features}],\n    num_rows: ${this.numRows}\n})`;
  }
}

/** The splits of a dataset, by name. */
export class DatasetDict {
  readonly #splits: ReadonlyMap<string, Dataset>;

  private constructor(
    splits: ReadonlyMap<string, Dataset>,
    /** Names of the labels, label 0 first; undefined where the loader does not know them. */
    readonly labelNames: readonly string[] | undefined,
  ) {
    this.#splits = splits;
  }

  static from(splits: Iterable<readonly [string, Dataset]>, labelNames?: readonly string[]): DatasetDict {
    return new DatasetDict(new Map(splits), labelNames);
  }

  get names(): string[] {
    return [...this.#splits.keys()];
  }

  /** @throws {RangeError} there is no split of this name */
  get(name: string): Dataset {
    const split = this.#splits.get(name);
    if (split !== undefined) return split;
    throw new RangeError(
      `split \`${name}\`: expected one of ${this.names.join(", ")}. Is its file in the dataset's folder?`,
    );
  }

  get train(): Dataset {
    return this.get("train");
  }

  get validation(): Dataset {
    return this.get("validation");
  }

  get test(): Dataset {
    return this.get("test");
  }

  /** The same splits with one replaced or added. */
  with(name: string, split: Dataset): DatasetDict {
    return DatasetDict.from([...this.#splits, [name, split]], this.labelNames);
  }

  /** The same names with the split that `fn` makes of each. */
  map(fn: (split: Dataset, name: string) => Dataset): DatasetDict {
    const splits = [...this.#splits].map(([name, split]): [string, Dataset] => [name, fn(split, name)]);
    return DatasetDict.from(splits, this.labelNames);
  }

  [inspect.custom](): string {
    const splits = [...this.#splits].map(
      ([name, split]) => `    ${name}: ${inspect(split).replaceAll("\n", "\n    ")}`,
    );
    return `DatasetDict({\n${splits.join("\n")}\n})`;
  }
}
