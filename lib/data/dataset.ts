/** Rows with named columns, as Hugging Face's `datasets` has them. */
import { inspect } from "node:util";
import { Mt19937 } from "../tensor/random";
import { type Frame, toDataFrame } from "./frame";

/** One row: column name to value. */
export type Row = Record<string, unknown>;

/** An immutable table. */
export class Dataset {
  private constructor(
    /** Names of the columns, in order. */
    readonly columnNames: readonly string[],
    private readonly data: readonly Row[],
  ) {}

  /** Makes a dataset from rows; the first row's keys are the columns. */
  static fromRows(rows: readonly Row[], columnNames: readonly string[] = Object.keys(rows[0] ?? {})): Dataset {
    return new Dataset(columnNames, rows);
  }

  /** Number of rows. */
  get numRows(): number {
    return this.data.length;
  }

  /**
   * One row.
   * @throws {RangeError} there is no such row
   */
  get(index: number): Row {
    const row = this.data[index];
    if (row === undefined) throw new RangeError(`row ${index}: expected an index from 0 to ${this.numRows - 1}.`);
    return row;
  }

  /** All rows. */
  rows(): readonly Row[] {
    return this.data;
  }

  /** All values of one column. */
  column(name: string): unknown[] {
    if (!this.columnNames.includes(name)) {
      throw new RangeError(`\`${name}\`: expected one of the columns ${this.columnNames.join(", ")}.`);
    }
    return this.data.map((row) => row[name]);
  }

  /** A dataset of the rows that `fn` makes of these; columns that it adds come last. */
  map(fn: (row: Row, index: number) => Row): Dataset {
    const rows = this.data.map((row, index) => ({ ...row, ...fn(row, index) }));
    const added = Object.keys(rows[0] ?? {}).filter((name) => !this.columnNames.includes(name));
    return new Dataset([...this.columnNames, ...added], rows);
  }

  /** The rows for which `fn` is true. */
  filter(fn: (row: Row, index: number) => boolean): Dataset {
    return new Dataset(this.columnNames, this.data.filter(fn));
  }

  /** The rows at these places, in this order. */
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
    return toDataFrame(this.data as Row[]);
  }

  [inspect.custom](): string {
    const features = this.columnNames.map((name) => `'${name}'`).join(", ");
    return `Dataset({\n    features: [${features}],\n    num_rows: ${this.numRows}\n})`;
  }
}

/** Splits by name. */
export class DatasetDict {
  private constructor(private readonly splits: ReadonlyMap<string, Dataset>) {}

  /** Makes a dictionary from splits, in their order. */
  static from(splits: Iterable<readonly [string, Dataset]>): DatasetDict {
    return new DatasetDict(new Map(splits));
  }

  /** Names of the splits that are there. */
  get names(): string[] {
    return [...this.splits.keys()];
  }

  /**
   * One split.
   * @throws {RangeError} there is no such split
   */
  get(name: string): Dataset {
    const split = this.splits.get(name);
    if (split !== undefined) return split;
    throw new RangeError(
      `split \`${name}\`: expected one of ${this.names.join(", ")}. Is its file in the dataset's folder?`,
    );
  }

  /** The training split. */
  get train(): Dataset {
    return this.get("train");
  }

  /** The validation split. */
  get validation(): Dataset {
    return this.get("validation");
  }

  /** The test split. */
  get test(): Dataset {
    return this.get("test");
  }

  /** The same splits with one replaced or added. */
  with(name: string, split: Dataset): DatasetDict {
    return new DatasetDict(new Map([...this.splits, [name, split]]));
  }

  /** Maps every split. */
  map(fn: (split: Dataset, name: string) => Dataset): DatasetDict {
    return DatasetDict.from([...this.splits].map(([name, split]) => [name, fn(split, name)]));
  }

  [inspect.custom](): string {
    const splits = [...this.splits].map(([name, split]) => `    ${name}: ${inspect(split).replaceAll("\n", "\n    ")}`);
    return `DatasetDict({\n${splits.join("\n")}\n})`;
  }
}
