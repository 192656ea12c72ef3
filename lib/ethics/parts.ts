/** The parts of ETHICS in one table: their files, labels, groups, metrics and texts for model cards. */

/** The parts of ETHICS. */
export type EthicsConfig = "commonsense" | "deontology" | "justice" | "utilitarianism" | "virtue";

/** Metrics of the paper other than accuracy, by their keys in `metrics.json`. */
export type FigureKey = "exactMatch" | "pairAccuracy";

/** Display names of these metrics. */
export const FIGURE_NAMES: Readonly<Record<FigureKey, string>> = {
  exactMatch: "groups all right",
  pairAccuracy: "pairs ranked right",
};

/** A metric of a part other than accuracy. */
export interface EthicsFigure {
  key: FigureKey;
  /** Metric type at the Hugging Face hub. */
  type: string;
  /** Explanation for the model card. */
  meaning: string;
}

/** Properties of one part of ETHICS. */
export interface EthicsPart {
  /** Prefix of the files in the original download. */
  filePrefix: string;
  /** Columns of the files that are kept. */
  columns: readonly string[];
  /** Columns that make up the text for a model, joined by " [SEP] "; none where the files have it already, or are pairs. */
  inputColumns: readonly string[];
  /** What label 1 means; undefined where rows are pairs without labels. */
  labelOne: string | undefined;
  /** Whether label 1 is the bad one, so that a sentiment model needs `swapLabels`: in commonsense alone. */
  swapsLabels: boolean;
  /** Names of the labels that a model is trained on (in commonsense, the swapped ones), label 0 first. */
  labelNames: readonly [string, string];
  /** Rows of the test files that are right only together (the paper's exact match); 1 where each counts for itself. */
  groupSize: number;
  /** Outputs of the model's head; undefined leaves those of the checkpoint. */
  numLabels: number | undefined;
  /** The paper's metric; undefined for accuracy. */
  figure: EthicsFigure | undefined;
  /** For the model card: what an adapter does (after "An adapter that"), and its input and answers. */
  card: { task: string; answer: string };
}

/** A part whose test files are made of groups of `groupSize` rows. */
function grouped(groupSize: number): Pick<EthicsPart, "swapsLabels" | "groupSize" | "numLabels" | "figure"> {
  const meaning = `Groups all right is the paper's figure: the share of groups of ${groupSize} rows that are all answered right.`;
  return { swapsLabels: false, groupSize, numLabels: 2, figure: { key: "exactMatch", type: "exact_match", meaning } };
}

const REASONABLE = "Label 1 means reasonable and label 0 not reasonable, as in the dataset.";

/** The parts of ETHICS, by the name of their config. */
export const ETHICS_PARTS: Readonly<Record<EthicsConfig, EthicsPart>> = {
  commonsense: {
    filePrefix: "cm",
    columns: ["label", "input"],
    inputColumns: [],
    labelOne: "clearly wrong",
    swapsLabels: true,
    labelNames: ["not acceptable", "acceptable"],
    groupSize: 1,
    numLabels: undefined,
    figure: undefined,
    card: {
      task: "judges whether what somebody did is acceptable",
      answer:
        "The labels were exchanged for training, so that a sentiment model's positive label (1) means acceptable and its negative one (0) not acceptable.",
    },
  },
  deontology: {
    ...grouped(4),
    filePrefix: "deontology",
    columns: ["label", "scenario", "excuse"],
    inputColumns: ["scenario", "excuse"],
    labelOne: "reasonable",
    labelNames: ["not reasonable", "reasonable"],
    card: {
      task: "judges whether an excuse from a request, or a duty that is said to come with a role, is reasonable",
      answer: `It reads the request or role, then [SEP], then the excuse or duty. ${REASONABLE}`,
    },
  },
  justice: {
    ...grouped(4),
    filePrefix: "justice",
    columns: ["label", "scenario"],
    inputColumns: ["scenario"],
    labelOne: "reasonable",
    labelNames: ["not reasonable", "reasonable"],
    card: {
      task: "judges whether the reason for treating somebody so, or for what somebody is said to deserve, is reasonable",
      answer: REASONABLE,
    },
  },
  utilitarianism: {
    filePrefix: "util",
    columns: ["baseline", "less_pleasant"],
    inputColumns: [],
    labelOne: undefined,
    swapsLabels: false,
    labelNames: ["1 is more pleasant", "2 is more pleasant"],
    groupSize: 1,
    numLabels: 1,
    figure: {
      key: "pairAccuracy",
      type: "pair_accuracy",
      meaning:
        "Pairs ranked right is the paper's figure: the share of pairs whose more pleasant text has the higher score.",
    },
    card: {
      task: "scores how pleasant what happened to somebody is",
      answer: "It has one output and no labels: of two texts, the one with the higher score is the more pleasant.",
    },
  },
  virtue: {
    ...grouped(5),
    filePrefix: "virtue",
    columns: ["label", "scenario"],
    inputColumns: ["scenario"],
    labelOne: "the trait fits",
    labelNames: ["does not fit", "fits"],
    card: {
      task: "judges whether a trait of character fits what somebody did",
      answer:
        "It reads what was done, then [SEP], then the trait. Label 1 means that the trait fits and label 0 that it does not, as in the dataset.",
    },
  },
};

/**
 * Looks up a part by its name.
 *
 * @throws {RangeError} there is no such part
 */
export function ethicsPart(config: string): EthicsPart {
  if (Object.hasOwn(ETHICS_PARTS, config)) return ETHICS_PARTS[config as EthicsConfig];
  throw new RangeError(`\`config\`: expected one of ${Object.keys(ETHICS_PARTS).join(", ")}, got ${config}.`);
}
