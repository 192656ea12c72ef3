/** The dataset's labels against the model's. */
import type { Dataset, Row } from "./dataset";

/** What is right for a row: a label's number, the value of a single output, or one number for each of several outputs. */
export type Label = number | readonly number[];

/** What labels are, by config.json's `problem_type`. */
export type LabelKind = "single_label_classification" | "regression" | "multi_label_classification";

/**
 * Checks the label of a row against a model with `outputs` outputs.
 *
 * @returns what was expected; undefined where the label is right
 */
export function labelProblem(label: unknown, outputs: number, kind: LabelKind): string | undefined {
  if (kind === "single_label_classification") {
    const fits = typeof label === "number" && Number.isInteger(label) && label >= 0 && label < outputs;
    return fits ? undefined : `an integer from 0 to ${outputs - 1}`;
  }
  const allowed = kind === "regression" ? Number.isFinite : (value: unknown): boolean => value === 0 || value === 1;
  const what = kind === "regression" ? "a finite number" : "0 or 1";
  if (kind === "regression" && outputs === 1) return allowed(label) ? undefined : what;
  const fits = Array.isArray(label) && label.length === outputs && label.every((value) => allowed(value));
  return fits ? undefined : `${outputs} entries, each ${what}`;
}

/**
 * Exchanges the labels 0 and 1, for commonsense only: there ETHICS calls 1 what is clearly wrong, and a sentiment model
 * calls 1 what is positive. In deontology, justice and virtue 1 is the good answer already (`ETHICS_PARTS.swapsLabels`).
 *
 * @returns the row with its label exchanged; a row with any other label as it is
 */
export function swapLabels(row: Row): Row {
  return row.label === 0 || row.label === 1 ? { ...row, label: 1 - row.label } : row;
}

/**
 * Exchanges the labels of a whole split, as {@link swapLabels} (commonsense only); labels other than 0 and 1 are counted and reported once.
 *
 * @param warn is given the one line (default `console.warn`)
 */
export function swapAllLabels(split: Dataset, warn: (line: string) => void = console.warn): Dataset {
  const others = split.rows().filter(({ label }) => label !== 0 && label !== 1).length;
  if (others > 0)
    warn(`\`label\`: expected 0 or 1, got something else in ${others} of ${split.numRows} rows, left as they are.`);
  return split.map(swapLabels);
}
