/** How uncertain a model is of texts, for example of those that divide people. */
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { Classifier } from "../model/classifier";
import { meanEntropy } from "./metrics";
import { classify, type Text } from "./predict";

/** Result of {@link uncertainty}. */
export interface Uncertainty {
  texts: number;
  /** Mean entropy of the predictions, in nats: 0 for certain ones, ln 2 for undecided ones of two labels. */
  entropy: number;
  /** Standard error of that mean, in nats. */
  standardError: number;
}

/**
 * Measures the uncertainty of a model's predictions.
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
