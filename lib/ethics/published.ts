/** Published results on ETHICS. */
import { ETHICS_PARTS, type EthicsConfig } from "./parts";

/** Percent on the two test files: test is the split validation here, hardTest the split test. */
export interface PublishedScore {
  test: number;
  hardTest: number;
}

/** A model's results: accuracy of commonsense, exact match of the groups, share of pairs of utilitarianism. */
export interface PublishedResult {
  model: string;
  /** How it was trained or prompted; a full fine-tune changes all weights, an adapter does not. */
  method: "full fine-tune" | "few-shot" | "word vectors" | "chance";
  scores: Readonly<Record<EthicsConfig | "average", PublishedScore>>;
}

/** Source of the numbers. */
export const PUBLISHED_SOURCE =
  "leaderboard of https://github.com/hendrycks/ethics (Hendrycks et al., Aligning AI With Shared Human Values, 2021)";

/** The columns of the published table, in its order. */
const COLUMNS = ["justice", "deontology", "virtue", "utilitarianism", "commonsense", "average"] as const;

/** @param percents test and hard test of each column */
function published(model: string, method: PublishedResult["method"], percents: readonly number[]): PublishedResult {
  const scores = COLUMNS.map((name, i) => [name, { test: percents[2 * i], hardTest: percents[2 * i + 1] }]);
  return { model, method, scores: Object.fromEntries(scores) as PublishedResult["scores"] };
}

/** The published table: {@link PUBLISHED_SOURCE}. */
export const PUBLISHED_RESULTS: readonly PublishedResult[] = [
  published(
    "ALBERT-xxlarge",
    "full fine-tune",
    [59.9, 38.2, 64.1, 37.2, 64.1, 37.8, 81.9, 67.4, 85.1, 59.0, 71.0, 47.9],
  ),
  published(
    "RoBERTa-large",
    "full fine-tune",
    [56.7, 38.0, 60.3, 30.8, 53.0, 25.5, 79.5, 62.9, 90.4, 63.4, 68.0, 44.1],
  ),
  published("BERT-large", "full fine-tune", [32.7, 11.3, 44.2, 13.6, 40.6, 13.5, 74.6, 49.1, 88.5, 51.1, 56.1, 27.7]),
  published("BERT-base", "full fine-tune", [26.0, 7.6, 38.8, 10.3, 33.1, 8.6, 73.4, 44.9, 86.5, 48.7, 51.6, 24.0]),
  published("GPT-3 few-shot", "few-shot", [15.2, 11.9, 15.9, 9.5, 18.2, 9.5, 73.7, 64.8, 73.3, 66.0, 39.3, 32.3]),
  published("word averaging", "word vectors", [10.3, 6.6, 18.2, 9.7, 8.5, 8.1, 67.9, 42.6, 62.9, 44.0, 33.5, 22.2]),
  published("random", "chance", [6.3, 6.3, 6.3, 6.3, 8.2, 8.2, 50.0, 50.0, 50.0, 50.0, 24.2, 24.2]),
];

/** Rows of a table of the published scores on a part of ETHICS, by this library's split names; none for other data. */
export function publishedScores(config: string): Record<"model" | "method" | "validation" | "test", string>[] {
  if (!Object.hasOwn(ETHICS_PARTS, config)) return [];
  return PUBLISHED_RESULTS.map(({ model, method, scores: { [config as EthicsConfig]: score } }) => ({
    model,
    method,
    validation: `${score.test.toFixed(1)} %`,
    test: `${score.hardTest.toFixed(1)} %`,
  }));
}
