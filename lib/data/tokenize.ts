/** Adds the columns of tokens to a dataset: of one text a row, of two read together, or of two to be ranked. */
import { checkOptions } from "../process/options";
import type { Dataset } from "./dataset";
import type { Tokenizer } from "./tokenizer/tokenizer";

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
  checkOptions("tokenizeDataset", options, { text: "string", textPair: "string" });
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
 * @param columns.better column of the better texts
 * @param columns.worse column of the others
 */
export function tokenizeRanking(
  split: Dataset,
  tokenizer: Tokenizer,
  { better, worse }: { better: string; worse: string },
): Dataset {
  const encodings = [better, worse].map((name) => tokenizer(split.column(name) as string[], { truncation: true }));
  return split.map((_, i) => {
    const texts = encodings.map(({ inputIds }) => inputIds[i] as number[]);
    return { inputIds: texts.flat(), textLengths: texts.map((ids) => ids.length), label: 0 };
  });
}
