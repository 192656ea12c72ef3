/** Answers that are made up. */

/** Logits whose largest is the chosen label's. @param count of labels */
export function logitsChoosing(labels: readonly number[], count = 2): Float32Array[] {
  return labels.map((label) => Float32Array.from({ length: count }, (_, i) => (i === label ? 1 : -i)));
}
