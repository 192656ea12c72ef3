/** What the demo is made with: seeds, sizes and the stages of its pre-training. */
import { Mt19937 } from "../../lib/tensor/random";
import { Draw } from "./random";
import { drawSentiment, type Mixture, type SentimentRow } from "./sentiment";

/** Seed of the dataset. */
export const DATA_SEED = 101;
/** Seed of the model's first weights. */
export const MODEL_SEED = 1;
/** Pieces of the tokenizer, special tokens aside. */
export const VOCABULARY = 1400;

/** One stage of the pre-training on sentiment. */
export interface Stage {
  sentences: number;
  mixture: Mixture;
  seed: number;
  epochs: number;
  learningRate: number;
}

/** First mostly single deeds, then mostly deeds in a longer text, then readers who disagree more about the mood. */
export const stages: readonly Stage[] = [
  stage(60_000, { moods: 2, dry: 6, moody: 6, byMood: 0.7 }, { seed: 202, epochs: 3, learningRate: 5e-4 }),
  stage(45_000, { moods: 1, dry: 9, moody: 6, byMood: 0.7 }, { seed: 303, epochs: 2, learningRate: 3e-4 }),
  stage(45_000, { moods: 1, dry: 5, moody: 12, byMood: 0.56 }, { seed: 404, epochs: 2, learningRate: 3e-4 }),
];

function stage(sentences: number, mixture: Mixture, training: Omit<Stage, "sentences" | "mixture">): Stage {
  return { sentences, mixture, ...training };
}

/** A stage's sentences, without the texts of the dataset. */
export function drawSentences(stage: Stage, texts: ReadonlySet<string>): SentimentRow[] {
  return drawSentiment(stage.sentences, stage.mixture, new Draw(new Mt19937(stage.seed)), texts);
}

/** The texts that the tokenizer learns its pieces from. */
export function tokenizerTexts(texts: ReadonlySet<string>): string[] {
  return stages.slice(0, 1).flatMap((stage) => drawSentences(stage, texts).map(({ text }) => text));
}
