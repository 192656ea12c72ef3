/** What the model card of an adapter says of its part of ETHICS. */
import type { EthicsConfig } from "./dataset";

/** What an adapter of a part does, and how Python has to load it. */
export interface CardPart {
  /** What it is for, after "An adapter that". */
  task: string;
  /** What it reads and answers. */
  answer: string;
  /** Outputs of its head, where they need not be the base model's. */
  numLabels?: number;
  /** The paper's figure, where that is not accuracy. */
  figure?: CardFigure;
}

/** A figure of a part beside accuracy. */
export interface CardFigure {
  key: "exactMatch" | "pairAccuracy";
  /** Its name at the Hugging Face hub. */
  type: string;
  name: string;
  /** How it is counted. */
  meaning: string;
}

const REASONABLE = "Label 1 means reasonable and label 0 not reasonable, as in the dataset.";

function groupsOf(size: number): CardFigure {
  const meaning = `Groups all right is the paper's figure: the share of groups of ${size} rows that are all answered right.`;
  return { key: "exactMatch", type: "exact_match", name: "groups all right", meaning };
}

/** The parts, by the name of their config. */
export const CARD_PARTS: Readonly<Record<EthicsConfig, CardPart>> = {
  commonsense: {
    task: "judges whether what somebody did is acceptable",
    answer:
      "The labels were exchanged for training, so that a sentiment model's positive label (1) means acceptable and its negative one (0) not acceptable.",
  },
  justice: {
    task: "judges whether the reason for treating somebody so, or for what somebody is said to deserve, is reasonable",
    answer: REASONABLE,
    numLabels: 2,
    figure: groupsOf(4),
  },
  deontology: {
    task: "judges whether an excuse from a request, or a duty that is said to come with a role, is reasonable",
    answer: `It reads the request or role, then [SEP], then the excuse or duty. ${REASONABLE}`,
    numLabels: 2,
    figure: groupsOf(4),
  },
  virtue: {
    task: "judges whether a trait of character fits what somebody did",
    answer:
      "It reads what was done, then [SEP], then the trait. Label 1 means that the trait fits and label 0 that it does not, as in the dataset.",
    numLabels: 2,
    figure: groupsOf(5),
  },
  utilitarianism: {
    task: "scores how pleasant what happened to somebody is",
    answer: "It has one output and no labels: of two texts, the one with the higher score is the more pleasant.",
    numLabels: 1,
    figure: {
      key: "pairAccuracy",
      type: "pair_accuracy",
      name: "pairs ranked right",
      meaning:
        "Pairs ranked right is the paper's figure: the share of pairs whose more pleasant text has the higher score.",
    },
  },
};
