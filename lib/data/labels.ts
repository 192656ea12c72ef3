/** A row's label checked against a model's outputs. */

/** The right answer of a row: a label's number, the value of a single output, or one number for each of several outputs. */
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
