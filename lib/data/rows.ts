/** Tokenized rows and their batches: what a model takes. */
import type { Dataset } from "./dataset";
import { type Label, type LabelKind, labelProblem } from "./labels";

/** A tokenized row. */
export interface TokenizedRow {
  inputIds: readonly number[];
  /** Which of two texts each token belongs to; all 0 when absent. */
  tokenTypeIds?: readonly number[];
  /** For a row of several texts that are not read together: the number of tokens of each, in the order of `inputIds`. */
  textLengths?: readonly number[];
  label: Label;
}

/**
 * Checks the rows of a tokenized split against a model.
 *
 * @param labels number of labels of the model
 * @param kind default "single_label_classification"
 * @returns what the model reads of each row
 * @throws {RangeError} a column is missing or a label is not one of the model's
 */
export function tokenizedRows(
  split: Dataset,
  labels: number,
  kind: LabelKind = "single_label_classification",
): TokenizedRow[] {
  return split.rows().map(({ inputIds, tokenTypeIds, textLengths, label }, index) => {
    if (!Array.isArray(inputIds)) {
      throw new RangeError(`row ${index}, \`inputIds\`: expected token ids, got none. Tokenize the dataset first.`);
    }
    const expected = labelProblem(label, labels, kind);
    if (expected !== undefined) {
      throw new RangeError(`row ${index}, \`label\`: expected ${expected}, got ${label}.`);
    }
    const types = Array.isArray(tokenTypeIds) ? { tokenTypeIds } : {};
    const lengths = Array.isArray(textLengths) ? { textLengths } : {};
    return { inputIds, ...types, ...lengths, label: label as Label };
  });
}

/** Rows as a batch for the model; a row of several texts becomes as many. */
export function toBatch(rows: readonly Pick<TokenizedRow, "inputIds" | "tokenTypeIds" | "textLengths">[]): {
  inputIds: (readonly number[])[];
  tokenTypeIds?: (readonly number[])[];
} {
  const inputIds = rows.flatMap((row) => textsOf(row.inputIds, row.textLengths));
  if (rows.every(({ tokenTypeIds }) => tokenTypeIds === undefined)) return { inputIds };
  const typesOf = (row: Pick<TokenizedRow, "inputIds" | "tokenTypeIds">): readonly number[] =>
    row.tokenTypeIds ?? row.inputIds.map(() => 0);
  return { inputIds, tokenTypeIds: rows.flatMap((row) => textsOf(typesOf(row), row.textLengths)) };
}

function textsOf(tokens: readonly number[], lengths: readonly number[] = [tokens.length]): (readonly number[])[] {
  let start = 0;
  return lengths.map((length) => {
    const text = tokens.slice(start, start + length);
    start += length;
    return text;
  });
}
