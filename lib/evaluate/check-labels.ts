/** Checks before training that a model has as many labels as the data. */
import type { DatasetDict } from "../data/dataset";
import type { ModelConfig } from "../model/config";

/**
 * Refuses a model whose head does not fit the labels of a dataset. A dataset without names of labels is not checked.
 *
 * @throws {RangeError} the numbers of labels differ
 */
export function checkLabels(
  model: { config: Pick<ModelConfig, "id2label"> },
  { labelNames }: Partial<Pick<DatasetDict, "labelNames">>,
): void {
  const { id2label } = model.config;
  if (labelNames === undefined || labelNames.length === id2label.length) return;
  const shown = (names: readonly string[]): string =>
    `${names.length} (${names.slice(0, 6).join(", ")}${names.length > 6 ? ", …" : ""})`;
  throw new RangeError(
    `labels: expected ${shown(labelNames)}, as the dataset has, got ${shown(id2label)} of the model. Give it a new head: \`newHead: true\`.`,
  );
}
