/** What differs between runs on the parts of ETHICS, so that one notebook serves all five. */

import type { Dataset } from "../data/dataset";
import { tokenizeDataset, tokenizeRanking as tokenizePairs } from "../data/tokenize";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { EvalPrediction } from "../evaluate/metrics";
import type { Classifier } from "../model/classifier";
import { PairRanker } from "../model/pair-ranker";
import { checkOptions } from "../process/options";
import { groupExactMatch, pairAccuracy } from "./figures";
import { sampleGroups } from "./groups";
import { ETHICS_PARTS, type EthicsPart, ethicsPart, type FigureKey } from "./parts";

/** How to train and evaluate a model on a part of ETHICS. */
export interface EthicsTask extends EthicsPart {
  /** Whether the head has to be trained, since labels have nothing to do with sentiment: for all parts but commonsense. */
  trainsHead: boolean;
  /** Metric of the best checkpoint: the paper's, and for commonsense the loss, as in the original. */
  metricForBestModel: "loss" | FigureKey;
  /** The texts that the model reads, one a row: of a pair the better one. */
  texts(split: Dataset): string[];
  /** The text of each row for display; of a pair both texts, the better one first. */
  readable(split: Dataset): string[];
  /** Adds the columns of tokens: one text a row, or the two texts of a pair. */
  tokenize(split: Dataset, tokenizer: Tokenizer): Dataset;
  /**
   * A seeded sample for an evaluation: at most `rows` rows, in whole groups where the part has groups, at least one group.
   *
   * @throws {RangeError} the split is not made of whole groups
   */
  sample(split: Dataset, rows: number, seed: number): Dataset;
  /** The model as the Trainer needs it: unchanged, or in a PairRanker. */
  classifier(model: Classifier): Classifier;
  /** The paper's metric where that is not accuracy, in [0, 1]: exactMatch of groups, pairAccuracy of pairs. */
  metrics(prediction: EvalPrediction): Record<string, number>;
}

/**
 * The task of a part of ETHICS.
 *
 * @param evalSplit the split that is evaluated (default "test")
 * @throws {RangeError} the part does not exist, or has groups that the split lacks
 */
export function ethicsTask(config: string, evalSplit = "test"): EthicsTask {
  const part = ethicsPart(config);
  const { groupSize, figure, numLabels } = part;
  if (groupSize > 1 && evalSplit === "train") {
    throw new RangeError(
      `\`evalSplit\`: expected validation or test, where ${config} has groups of ${groupSize} rows, got train.`,
    );
  }
  const task: EthicsTask = {
    ...part,
    trainsHead: numLabels !== undefined,
    metricForBestModel: figure?.key ?? "loss",
    texts: column("input"),
    readable: column("input"),
    tokenize: (split, tokenizer) => tokenizeDataset(split, tokenizer),
    sample: (split, rows, seed) =>
      groupSize === 1
        ? split.sample(rows, seed)
        : sampleGroups(split, groupSize, Math.max(1, Math.floor(rows / groupSize)), seed),
    classifier: (model) => model,
    metrics: (prediction): Record<string, number> =>
      figure?.key === "exactMatch" ? { exactMatch: groupExactMatch(prediction, groupSize) } : {},
  };
  if (figure?.key !== "pairAccuracy") return task;
  const [better = "", worse = ""] = part.columns;
  return {
    ...task,
    texts: column(better),
    readable: (split) => split.rows().map((row) => `1: ${row[better]} | 2: ${row[worse]}`),
    tokenize: (split, tokenizer) => tokenizePairs(split, tokenizer, { better, worse }),
    classifier: (model) => new PairRanker(model),
    metrics: (prediction) => ({ pairAccuracy: pairAccuracy(prediction) }),
  };
}

function column(name: string): (split: Dataset) => string[] {
  return (split) => split.column(name) as string[];
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
  checkOptions("tokenizeRanking", options, { better: "string", worse: "string" });
  const [baseline = "", lessPleasant = ""] = ETHICS_PARTS.utilitarianism.columns;
  return tokenizePairs(split, tokenizer, { better: baseline, worse: lessPleasant, ...options });
}
