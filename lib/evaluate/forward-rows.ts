/** The model's answers to rows, one for each. */
import { type TokenizedRow, toBatch } from "../data/rows";
import type { Classifier, Logits } from "../model/classifier";
import type { ForwardContext } from "../model/linear";

/**
 * Computes rows.
 *
 * @returns [rows, labels], to be disposed by the caller
 * @throws {RangeError} the rows are pairs and the model is not for pairs, or the other way round
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
