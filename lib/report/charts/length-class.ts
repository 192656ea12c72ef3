import type { LengthAccuracy } from "../../evaluate/classification-metrics";

/** A class of lengths in words, such as "up to 200", "201 to 400" or "401 and more". */
export function lengthClass({ from, to }: Pick<LengthAccuracy, "from" | "to">): string {
  if (!Number.isFinite(to)) return `${from} and more`;
  return from <= 1 ? `up to ${to}` : `${from} to ${to}`;
}
