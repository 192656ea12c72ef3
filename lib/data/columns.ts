/** Which columns of a table hold the texts and the labels. */
import { FileFormatError } from "../files/errors";
import type { Table } from "./table";

/** Columns, by what they hold. */
export interface ColumnOptions {
  /** Column of the texts (default: the first that is called text, sentence, input, review or the like). */
  textColumn?: string;
  /** Column of a second text that is read with the first (default: sentence2 beside sentence1 and the like, else none). */
  textPairColumn?: string;
  /** Column of the labels (default: the first that is called label, labels, sentiment, class or the like). */
  labelColumn?: string;
}

/** The columns that were found. */
export interface Columns {
  text: string;
  pair: string | undefined;
  label: string;
}

/** Usual names of the first text and of one that is read with it. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["sentence1", "sentence2"],
  ["premise", "hypothesis"],
  ["question1", "question2"],
  ["text1", "text2"],
  ["text_a", "text_b"],
];
const TEXTS = ["text", "sentence", "input", "review", "content", "comment", "tweet", "document", "message", "body"];
const LABELS = ["label", "labels", "sentiment", "class", "category", "target", "coarse_label", "rating", "stars"];

/**
 * Finds the columns of a table.
 *
 * @throws {FileFormatError} a named column is missing, or no name is usual: the columns are listed with what to type
 */
export function findColumns({ file, columns }: Pick<Table, "file" | "columns">, options: ColumnOptions): Columns {
  const find = (names: readonly string[]): string | undefined =>
    names.map((name) => columns.find((column) => column.toLowerCase() === name)).find((found) => found !== undefined);
  const named = (option: keyof ColumnOptions, usual: readonly string[], taken?: string): string => {
    const name = options[option] ?? find(usual);
    if (name !== undefined && columns.includes(name)) return name;
    const got = options[option] ?? "none with a usual name";
    const free = columns.find((column) => column !== "" && column !== taken);
    const remedy = free === undefined ? "" : ` Name it: \`${option}: "${free}"\`.`;
    throw new FileFormatError(
      file,
      `\`${option}\`: expected one of the columns ${columns.join(", ")}, got ${got}.${remedy}`,
    );
  };
  const pair = PAIRS.find((names) => names.every((name) => find([name]) !== undefined));
  const useUsualPair = options.textColumn === undefined && options.textPairColumn === undefined && !find(TEXTS);
  const text = named("textColumn", [...TEXTS, ...(pair ? [pair[0]] : [])]);
  const label = named("labelColumn", LABELS, text);
  const usualPair = useUsualPair && pair ? find([pair[1]]) : undefined;
  const second = options.textPairColumn === undefined ? usualPair : named("textPairColumn", [], text);
  if (label !== text && label !== second && text !== second) return { text, pair: second, label };
  const got = [text, second ?? [], label].flat().join(", ");
  throw new FileFormatError(file, `expected a column each for texts and labels, got ${got} of ${columns.join(", ")}.`);
}
