/** What somebody meant who mistyped a word. */

/** @returns the word with the fewest letters to change; undefined where that is more than 40 % of them */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const [best] = words.map((word) => ({ word, letters: editDistance(typed, word) })).sort(byLetters);
  return best && best.letters <= Math.max(typed.length, best.word.length) * 0.4 ? best.word : undefined;
}

const byLetters = (a: { letters: number }, b: { letters: number }): number => a.letters - b.letters;

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
