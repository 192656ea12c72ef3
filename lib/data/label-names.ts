/** Labels of a dataset as numbers 0 to n − 1, with their names. */

const MOST = 100;

/** A label as text: numbers in their shortest form, so that 1, "1" and "1.0" are one label. */
export function labelText(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value).trim();
  return /^-?\d+(\.0+)?$/.test(text) ? String(Number(text)) : text;
}

/**
 * The names of the labels in the order of their numbers: numbers ascending, other names alphabetically (by code unit).
 *
 * @param labels texts of all labels
 * @throws {RangeError} there are fewer than 2 or more than 100, or numbers that are not whole
 */
export function orderedLabels(labels: Iterable<string>): string[] {
  const names = [...new Set(labels)];
  const fraction = names.find((name) => /^-?\d*\.\d+$/.test(name));
  if (fraction !== undefined) throw new RangeError(`expected whole numbers or names, got ${fraction}.`);
  if (names.length < 2 || names.length > MOST) {
    throw new RangeError(
      `expected 2 to ${MOST} different labels, got ${names.length}: ${names.slice(0, 5).join(", ")}.`,
    );
  }
  const numeric = names.every((name) => /^-?\d+$/.test(name));
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}
