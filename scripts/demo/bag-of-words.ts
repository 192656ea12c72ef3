/**
 * What single words give away: a logistic regression on word counts (L2 penalty 1, as scikit-learn's default), by gradient
 * descent with momentum. The dataset's labels follow from who did what to whom and why, so it should fare badly.
 */

/** A text and its label, 0 or 1. */
export interface LabelledText {
  label: number;
  input: string;
}

const STEPS = 400;
const MOMENTUM = 0.9;

/** A trained model: the probability of label 1 for a text. */
export type BagOfWords = (input: string) => number;

/** Trains on texts; words that training lacks count nothing. */
export function trainBagOfWords(rows: readonly LabelledText[]): BagOfWords {
  const vocabulary = new Map<string, number>();
  for (const { input } of rows) {
    for (const word of wordsOf(input)) if (!vocabulary.has(word)) vocabulary.set(word, vocabulary.size);
  }
  const indices = (input: string): number[] =>
    wordsOf(input).flatMap((word) => {
      const index = vocabulary.get(word);
      return index === undefined ? [] : [index];
    });
  // The last weight is the bias.
  const weights = new Float64Array(vocabulary.size + 1);
  const probability = (features: readonly number[]): number => {
    const score = features.reduce((sum, index) => sum + (weights[index] ?? 0), weights[vocabulary.size] ?? 0);
    return 1 / (1 + Math.exp(-score));
  };
  const examples = rows.map(({ label, input }) => ({ label, features: indices(input) }));
  const speed = new Float64Array(weights.length);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.slice();
    gradient[vocabulary.size] = 0;
    for (const { label, features } of examples) {
      const error = probability(features) - label;
      for (const index of [...features, vocabulary.size]) gradient[index] = (gradient[index] ?? 0) + error;
    }
    for (let i = 0; i < weights.length; i++) {
      speed[i] = MOMENTUM * (speed[i] ?? 0) - ((gradient[i] ?? 0) * 0.5) / rows.length;
      weights[i] = (weights[i] ?? 0) + (speed[i] ?? 0);
    }
  }
  return (input) => probability(indices(input));
}

/** Share of rows whose label is the likelier one. */
export function bagOfWordsAccuracy(model: BagOfWords, rows: readonly LabelledText[]): number {
  return rows.filter(({ label, input }) => model(input) > 0.5 === (label === 1)).length / rows.length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}
