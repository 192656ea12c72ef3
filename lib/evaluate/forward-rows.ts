/** A forward pass over tokenized rows. */
import { type TokenizedRow, toBatch } from "../data/rows";
import type { Classifier, Logits } from "../model/classifier";
import type { ForwardContext } from "../model/linear";

/**
 * Runs the model on rows.
 *
 * @returns [rows, labels], to be disposed by the caller
 * @throws {RangeError} the rows are pairs and the model is not a PairRanker, or vice versa
 */
export function forwardRows(
  model: Classifier,
  rows: readonly Pick<TokenizedRow, "inputIds" | "tokenTypeIds" | "textLengths">[],
  context: ForwardContext = {},
): Logits {
  const logits = model.forward(toBatch(rows), context);
  const [count] = logits.shape;
  if (count === rows.length) return logits;
  logits.dispose();
  throw new RangeError(
    `rows: expected one answer for each of ${rows.length}, got ${count}. Pairs go with a PairRanker, texts with the model itself.`,
  );
}
