/** Exchanges the labels of commonsense for a sentiment model. */
import type { Dataset, Row } from "../data/dataset";

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
 * Applies {@link swapLabels} to a whole split (commonsense only); labels other than 0 and 1 are counted and reported once.
 *
 * @param warn called with that one line (default `console.warn`)
 */
export function swapAllLabels(split: Dataset, warn: (line: string) => void = console.warn): Dataset {
  const others = split.rows().filter(({ label }) => label !== 0 && label !== 1).length;
  if (others > 0)
    warn(`\`label\`: expected 0 or 1, got something else in ${others} of ${split.numRows} rows, left as they are.`);
  return split.map(swapLabels);
}
