/** Rows for the model: which ones belong together, and in what order. */
import { Mt19937 } from "../tensor/random";
import type { Dataset } from "./dataset";
import { type Label, type LabelKind, labelProblem } from "./labels";
import type { Tokenizer } from "./tokenizer/tokenizer";

/** A tokenized row. */
export interface TokenizedRow {
  inputIds: readonly number[];
  /** Which of two texts each token belongs to; all 0 when absent. */
  tokenTypeIds?: readonly number[];
  /** Where a row is several texts, each for itself: their tokens, one text's behind the other's. */
  textLengths?: readonly number[];
  label: Label;
}

/**
 * Adds the columns inputIds and attentionMask to a split, and tokenTypeIds where the tokenizer gives them.
 *
 * @param options.text column of the texts (default "input")
 * @param options.textPair column of second texts, if there are any
 */
export function tokenizeDataset(
  split: Dataset,
  tokenizer: Tokenizer,
  options: { text?: string; textPair?: string } = {},
): Dataset {
  const texts = split.column(options.text ?? "input") as string[];
  const pairs = options.textPair === undefined ? {} : { textPair: split.column(options.textPair) as string[] };
  const { inputIds, attentionMask, tokenTypeIds } = tokenizer(texts, { truncation: true, ...pairs });
  return split.map((_, i) => ({
    inputIds: inputIds[i],
    attentionMask: attentionMask[i],
    ...(tokenTypeIds === undefined ? {} : { tokenTypeIds: tokenTypeIds[i] }),
  }));
}

/**
 * Adds the columns inputIds, textLengths and label to a split of pairs, for a `PairRanker`: each text of a pair is a row
 * for the model, and the label is 0, the first is better.
 *
 * @param options.better column of the better texts (default "baseline", as in utilitarianism)
 * @param options.worse column of the others (default "less_pleasant")
 */
export function tokenizeRanking(
  split: Dataset,
  tokenizer: Tokenizer,
  options: { better?: string; worse?: string } = {},
): Dataset {
  const { better = "baseline", worse = "less_pleasant" } = options;
  const columns = [better, worse].map((name) => tokenizer(split.column(name) as string[], { truncation: true }));
  return split.map((_, i) => {
    const texts = columns.map(({ inputIds }) => inputIds[i] as number[]);
    return { inputIds: texts.flat(), textLengths: texts.map((ids) => ids.length), label: 0 };
  });
}

/**
 * The rows that a model can take.
 *
 * @param labels how many labels the model has
 * @param kind what the labels are
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

/** The order in which an epoch reads its rows: torch's `randperm` with the generator seeded seed + epoch, as the Trainer's sampler. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return new Mt19937(seed + epoch).randperm(count);
}

/**
 * Divides rows of similar length into packs that together stay under a number of tokens.
 *
 * @param lengths tokens of each row
 * @param budget most tokens of a pack; a single longer row is a pack of its own
 * @returns the rows' indices; sorted by length, so the results must be put back in order
 */
export function tokenBudgetPacks(lengths: readonly number[], budget: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  const packs: number[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const index of order) {
    const length = lengths[index] as number;
    if (tokens + length > budget) {
      packs.push([]);
      tokens = 0;
    }
    packs.at(-1)?.push(index);
    tokens += length;
  }
  return packs;
}
