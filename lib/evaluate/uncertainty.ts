/** How sure a model is of texts: whether it wavers where people do. */
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { Classifier } from "../model/classifier";
import { meanEntropy } from "./metrics";
import { classify, type Text } from "./predict";

/** How sure a model is of some texts. */
export interface Uncertainty {
  /** How many texts. */
  texts: number;
  /** Mean entropy of the predictions, in nats: 0 where all are certain, ln 2 for two labels where all are at a loss. */
  entropy: number;
  /** How far off that mean may be by the choice of texts: its standard error, in nats. */
  standardError: number;
}

/**
 * The uncertainty of a model's predictions.
 *
 * @param texts two or more
 */
export async function uncertainty(
  model: Classifier,
  tokenizer: Tokenizer,
  texts: readonly Text[],
): Promise<Uncertainty> {
  const each = (await classify(model, tokenizer, texts)).map(({ probabilities }) => meanEntropy([probabilities]));
  const entropy = each.reduce((sum, value) => sum + value, 0) / each.length;
  const variance = each.reduce((sum, value) => sum + (value - entropy) ** 2, 0) / (each.length - 1);
  return { texts: each.length, entropy, standardError: Math.sqrt(variance / each.length) };
}
