/** The model's answers to single texts: sorted by confidence, and compared before and after training. */
import type { Label } from "../data/labels";
import { argmax, type EvalPrediction, type PredictionOutput, softmax } from "./metrics";

/** The model's answer to one text, beside the right one. */
export interface Judgement {
  /** Index in the split. */
  row: number;
  text: string;
  /** Name of the right label. */
  label: string;
  /** Name of the label with the highest score. */
  predicted: string;
  /** Probability of the predicted label. */
  probability: number;
  right: boolean;
}

/** A text that is judged differently after training. */
export interface ChangedJudgement {
  row: number;
  text: string;
  /** Name of the right label. */
  label: string;
  before: string;
  after: string;
  /** Probability of `after`. */
  probability: number;
  /** Corrected by training, made wrong by it, or wrong in another way. */
  change: "mended" | "spoiled" | "still wrong";
}

/**
 * Converts the result of `Trainer.predict` to the input of metric functions.
 *
 * @throws {RangeError} a row's label is not one number
 */
export function toEvalPrediction({ predictions, labelIds }: PredictionOutput): EvalPrediction {
  const isNumber = (label: Label): label is number => typeof label === "number";
  const other = labelIds.find((label) => !isNumber(label));
  if (other !== undefined) throw new RangeError(`\`labelIds\`: expected one number a row, got [${other}].`);
  return { predictions, labels: labelIds.filter(isNumber) };
}

/**
 * Combines predictions with their texts.
 *
 * @param prediction what `Trainer.predict` returned for the split
 * @param texts the split's texts, in the same order
 * @param names of the labels, such as the model's `config.id2label`
 * @throws {RangeError} the numbers of texts and predictions differ
 */
export function judgements(
  prediction: PredictionOutput,
  texts: readonly unknown[],
  names: readonly string[],
): Judgement[] {
  const { predictions, labels } = toEvalPrediction(prediction);
  if (texts.length !== predictions.length) {
    throw new RangeError(`\`texts\`: expected ${predictions.length}, one for each prediction, got ${texts.length}.`);
  }
  const nameOf = (label: number): string => names[label] ?? String(label);
  return predictions.map((logits, row) => {
    const probabilities = softmax(logits);
    const best = argmax(probabilities);
    const right = labels[row] as number;
    return {
      row,
      text: String(texts[row]),
      label: nameOf(right),
      predicted: nameOf(best),
      probability: probabilities[best] as number,
      right: best === right,
    };
  });
}

/** The wrong answers with the highest confidence, highest first. */
export function mostWrong(all: readonly Judgement[], count = 10): Judgement[] {
  const wrong = all.filter(({ right }) => !right);
  return wrong.sort((a, b) => b.probability - a.probability).slice(0, count);
}

/** The answers, right or wrong, with the lowest confidence, lowest first. */
export function mostUncertain(all: readonly Judgement[], count = 10): Judgement[] {
  return [...all].sort((a, b) => a.probability - b.probability).slice(0, count);
}

/**
 * The texts that are judged differently, the most confident new answers first.
 *
 * @throws {RangeError} the judgements are not about the same texts in the same order
 */
export function changedJudgements(before: readonly Judgement[], after: readonly Judgement[]): ChangedJudgement[] {
  const different = after.findIndex(({ text }, i) => before[i]?.text !== text);
  if (before.length !== after.length || different >= 0) {
    const where = different < 0 ? `${before.length} and ${after.length} rows` : `another one in row ${different}`;
    throw new RangeError(`\`before\`, \`after\`: expected the same texts in the same order, got ${where}.`);
  }
  const changed = after.flatMap((now, i): ChangedJudgement[] => {
    const then = before[i] as Judgement;
    if (then.predicted === now.predicted) return [];
    const change = now.right ? "mended" : then.right ? "spoiled" : "still wrong";
    const { row, text, label, probability } = now;
    return [{ row, text, label, before: then.predicted, after: now.predicted, probability, change }];
  });
  return changed.sort((a, b) => b.probability - a.probability);
}
