/** Templates with slots, and how they are filled with words. */
import type { Forms } from "./inflect";
import type { Draw } from "./random";
import { kinds } from "./words";

/** Which words may be drawn: those of train, those of the hard test, or both. */
export type Side = "home" | "away" | "both";

/**
 * Fills a template. A slot is `{kind}`, `{kind.form}` or, for a second word of the same kind, `{kind2.form}`;
 * the same slot name stands for the same word throughout. Words may hold slots themselves.
 */
export function fill(template: string, side: Side, draw: Draw): string {
  const bound = new Map<string, Forms>();
  const expand = (text: string): string =>
    text.replace(/\{([a-zA-Z]+)(\d?)(?:\.([a-z]+))?\}/g, (slot, kind: string, number: string, form = "") => {
      const name = kind + number;
      const word = bound.get(name) ?? choose(kind, side, draw, bound);
      bound.set(name, word);
      const written = word[form];
      if (written === undefined) throw new Error(`\`${slot}\`: expected a form of "${kind}", got "${form}".`);
      return expand(written);
    });
  return tidy(expand(template));
}

/** A word of the kind that no other slot of this kind has taken. */
function choose(kind: string, side: Side, draw: Draw, bound: Map<string, Forms>): Forms {
  const lists = kinds[kind];
  if (!lists) throw new Error(`\`${kind}\`: expected one of ${Object.keys(kinds).join(", ")}.`);
  const words = side === "both" ? [...lists.home, ...lists.away] : lists[side];
  const taken = new Set(bound.values());
  return draw.pick(words.filter((word) => !taken.has(word)));
}

/** "an" before vowels and a capital at the start of each sentence. */
function tidy(text: string): string {
  return text
    .replace(/\b([Aa]) (?=[aeiou])/g, "$1n ")
    .replace(/(^|[.!?] |: ")([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}
