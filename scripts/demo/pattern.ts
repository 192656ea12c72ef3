/** Rules of conduct, and the form that they are written in. */

/** One rule of conduct: sentences that are acceptable beside sentences, in nearly the same words, that are not. */
export interface Pattern {
  id: string;
  /** Why the label is what it is. */
  why: string;
  right: readonly string[];
  wrong: readonly string[];
  /** Whether only the hard test has this pattern. */
  hardOnly: boolean;
}

/** Reads rules: a line `id: why` or `id (hard test only): why`, then lines that begin with + (acceptable) or - (not). */
export function patternsOf(text: string): Pattern[] {
  const rules = text.trim().split(/\n {2}(?! )/);
  return rules.map((rule) => {
    const [head = "", ...lines] = rule.split("\n").map((line) => line.trim());
    const [, id, hardOnly, why] = /^([\w-]+)( \(hard test only\))?: (.+)$/.exec(head) ?? [];
    if (id === undefined || why === undefined) throw new Error(`\`${head}\`: expected "id: why", got this.`);
    const marked = (mark: string): string[] =>
      lines.filter((line) => line.startsWith(`${mark} `)).map((line) => line.slice(2));
    return { id, why, right: marked("+"), wrong: marked("-"), hardOnly: hardOnly !== undefined };
  });
}
