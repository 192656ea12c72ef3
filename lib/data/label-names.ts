/** Labels of a dataset as numbers 0 to n − 1, with their names. */

const MOST = 100;

/** A label as text, empty if there is none. Numbers have their shortest form, so that 1, "1" and "1.0" are one label. */
export function labelText(value: unknown): string {
  const text = value === null || value === undefined || typeof value === "object" ? "" : String(value).trim();
  return /^-?\d+(\.0+)?$/.test(text) ? String(Number(text)) : text;
}

/**
 * The names of the labels in the order of their numbers: numbers ascending, other names alphabetically (by code unit).
 *
 * @param labels texts of all labels
 * @throws {RangeError} there are fewer than 2 or more than 100, numbers that are not whole, or one in two spellings
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
  const alike = names.find((name, i) => names.slice(0, i).some((other) => other.toLowerCase() === name.toLowerCase()));
  if (alike !== undefined) {
    throw new RangeError(`expected labels that differ by more than capital letters, got ${alike} in two spellings.`);
  }
  const numeric = names.every((name) => /^-?\d+$/.test(name));
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}
