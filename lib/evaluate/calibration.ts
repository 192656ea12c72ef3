/** Calibration: how well a model's confidence matches its accuracy (Guo et al., 2017, https://arxiv.org/abs/1706.04599). */
import { checkOptions } from "../process/options";
import { argmax, type EvalPrediction, softmax } from "./metrics";

/** Answers of similar confidence. */
export interface CalibrationBin {
  /** Lower bound of the confidence, exclusive. */
  from: number;
  /** Upper bound of the confidence, inclusive. */
  to: number;
  rows: number;
  /** Mean probability of the predicted labels. */
  confidence: number;
  /** Share of correct answers. */
  accuracy: number;
}

/** Confidence compared with accuracy. */
export interface Calibration {
  /** From the least to the most confident; bins without answers are left out. */
  bins: CalibrationBin[];
  /** Mean distance between confidence and accuracy, weighted by the answers in each bin ("ECE"), in [0, 1]. */
  expectedCalibrationError: number;
  /** Mean confidence less accuracy: positive for an overconfident model. */
  overconfidence: number;
}

/**
 * Groups answers into bins by their confidence.
 *
 * @param options.bins bins of equal width from 0 to 1 (default 20); with two labels only the upper half can be filled
 * @throws {RangeError} there are no predictions
 */
export function calibration({ predictions, labels }: EvalPrediction, options: { bins?: number } = {}): Calibration {
  checkOptions("calibration", options, { bins: "number" });
  const { bins = 20 } = options;
  if (predictions.length === 0) throw new RangeError("`predictions`: expected at least one row, got none.");
  const answers = predictions.map((logits, i) => {
    const probabilities = softmax(logits);
    const best = argmax(probabilities);
    return { confidence: probabilities[best] as number, right: best === labels[i] ? 1 : 0 };
  });
  const filled = Array.from({ length: bins }, (_, i): CalibrationBin => {
    const [from, to] = [i / bins, (i + 1) / bins];
    const inside = answers.filter(({ confidence }) => confidence > from && confidence <= to);
    const mean = (key: "confidence" | "right"): number => meanOf(inside.map((answer) => answer[key]));
    return { from, to, rows: inside.length, confidence: mean("confidence"), accuracy: mean("right") };
  }).filter(({ rows }) => rows > 0);
  const distance = filled.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.confidence - bin.accuracy), 0);
  const excess = answers.map(({ confidence, right }) => confidence - right);
  return {
    bins: filled,
    expectedCalibrationError: distance / answers.length,
    overconfidence: meanOf(excess),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
