/** What each part of ETHICS asks of a run, so that one notebook tells the story of all five. */

import type { Dataset } from "../data/dataset";
import { tokenizeDataset, tokenizeRanking as tokenizePairs } from "../data/tokenize";
import type { Tokenizer } from "../data/tokenizer/tokenizer";
import type { EvalPrediction } from "../evaluate/metrics";
import type { Classifier } from "../model/classifier";
import { PairRanker } from "../model/pair-ranker";
import { ETHICS_PARTS, type EthicsConfig, type EthicsPart } from "./dataset";
import { groupExactMatch, pairAccuracy } from "./figures";
import { sampleGroups } from "./groups";

/** A part of ETHICS as something to train for: what its labels, rows and figures ask of model, samples and metrics. */
export interface EthicsTask extends EthicsPart {
  /** Outputs of the model's head; undefined leaves those of the checkpoint. */
  numLabels: number | undefined;
  /** Whether the head has to be trained: outside of commonsense, labels have nothing to do with sentiment. */
  trainsHead: boolean;
  /** What chooses the best checkpoint: the paper's figure, and for commonsense the loss, as in the original. */
  metricForBestModel: "loss" | "exactMatch" | "pairAccuracy";
  /** Names of the labels as the model is trained on them, label 0 first: for tables and charts. */
  labelNames: readonly [string, string];
  /** The texts that the model reads, one a row: of a pair the better one. */
  texts(split: Dataset): string[];
  /** What a person should read of each row: its text, of a pair both, the better one first. */
  readable(split: Dataset): string[];
  /** Adds the columns of tokens: one text a row, or the two texts of a pair. */
  tokenize(split: Dataset, tokenizer: Tokenizer): Dataset;
  /**
   * A seeded sample for an evaluation: at most `rows` rows, in whole groups where the part has groups, at least one group.
   *
   * @throws {RangeError} the split is not made of whole groups
   */
  sample(split: Dataset, rows: number, seed: number): Dataset;
  /** The model as the Trainer needs it: itself, or a ranker of pairs. */
  classifier(model: Classifier): Classifier;
  /** The paper's figure beside accuracy, in [0, 1]: exactMatch of groups, pairAccuracy of pairs, for commonsense none. */
  metrics(prediction: EvalPrediction): Record<string, number>;
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
  return tokenizePairs(split, tokenizer, { better: "baseline", worse: "less_pleasant", ...options });
}

/** Those of commonsense after the labels were turned round. */
const LABEL_NAMES: Readonly<Record<EthicsConfig, readonly [string, string]>> = {
  commonsense: ["not acceptable", "acceptable"],
  justice: ["not reasonable", "reasonable"],
  deontology: ["not reasonable", "reasonable"],
  virtue: ["does not fit", "fits"],
  utilitarianism: ["1 is more pleasant", "2 is more pleasant"],
};

/**
 * The task of a part of ETHICS.
 *
 * @param evalSplit the split that is evaluated (default "test")
 * @throws {RangeError} the part does not exist, or has groups and the split does not
 */
export function ethicsTask(config: EthicsConfig, evalSplit = "test"): EthicsTask {
  if (!Object.hasOwn(ETHICS_PARTS, config)) {
    throw new RangeError(`\`config\`: expected one of ${Object.keys(ETHICS_PARTS).join(", ")}, got ${config}.`);
  }
  const part = ETHICS_PARTS[config];
  const { groupSize } = part;
  if (groupSize > 1 && evalSplit === "train") {
    throw new RangeError(
      `\`evalSplit\`: expected validation or test, where ${config} has groups of ${groupSize} rows, got train.`,
    );
  }
  const labelNames = LABEL_NAMES[config];
  const texts = { texts: column("input"), readable: column("input") };
  const single = { ...part, ...texts, labelNames, tokenize: inputs, sample: sampleRows, classifier: itself };
  if (config === "commonsense") {
    return { ...single, numLabels: undefined, trainsHead: false, metricForBestModel: "loss", metrics: () => ({}) };
  }
  if (config === "utilitarianism") {
    return {
      ...single,
      numLabels: 1,
      trainsHead: true,
      metricForBestModel: "pairAccuracy",
      texts: column("baseline"),
      readable: (split) => split.rows().map(({ baseline, less_pleasant }) => `1: ${baseline} | 2: ${less_pleasant}`),
      tokenize: (split, tokenizer) => tokenizeRanking(split, tokenizer),
      classifier: (model) => new PairRanker(model),
      metrics: (prediction) => ({ pairAccuracy: pairAccuracy(prediction) }),
    };
  }
  return {
    ...single,
    numLabels: 2,
    trainsHead: true,
    metricForBestModel: "exactMatch",
    sample: (split, rows, seed) => sampleGroups(split, groupSize, Math.max(1, Math.floor(rows / groupSize)), seed),
    metrics: (prediction) => ({ exactMatch: groupExactMatch(prediction, groupSize) }),
  };
}

function column(name: string): (split: Dataset) => string[] {
  return (split) => split.column(name) as string[];
}

function inputs(split: Dataset, tokenizer: Tokenizer): Dataset {
  return tokenizeDataset(split, tokenizer);
}

function sampleRows(split: Dataset, rows: number, seed: number): Dataset {
  return split.sample(rows, seed);
}

function itself(model: Classifier): Classifier {
  return model;
}
