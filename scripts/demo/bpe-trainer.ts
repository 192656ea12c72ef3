/** Byte-level byte-pair encoding: learns merges from texts and writes them as tokenizer.json. */
import { byteLevelBpe } from "../../lib/data/tokenizer/tokenizer-files";

/** GPT-2's split of a text into words; a space goes with the word after it. */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The printable stand-in of each byte, as in GPT-2: printable bytes stand for themselves, the others for U+0100 and up. */
function byteLetters(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** A word of the texts: its present pieces and how often it occurs. */
interface Word {
  pieces: string[];
  count: number;
}

/** What was learned: the pieces by their id order (without special tokens) and the merges in order. */
export interface Merges {
  pieces: string[];
  merges: [left: string, right: string][];
}

/**
 * Learns merges: again and again the most frequent pair of neighbours becomes one piece. Of equally frequent pairs the
 * one that is first in code-unit order is taken, so the result depends on the texts alone.
 * @param size pieces to end with, the 256 bytes among them; fewer when no pair occurs twice
 */
export function learnMerges(texts: readonly string[], size: number): Merges {
  const letters = byteLetters();
  const words = countWords(texts, letters);
  const pieces = [...letters].sort();
  const known = new Set(pieces);
  const merges: [string, string][] = [];
  while (pieces.length < size) {
    const best = mostFrequentPair(words);
    if (!best) break;
    merges.push(best);
    const joined = best[0] + best[1];
    if (!known.has(joined)) pieces.push(joined);
    known.add(joined);
    for (const word of words) merge(word, best);
  }
  return { pieces, merges };
}

function countWords(texts: readonly string[], letters: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({
    pieces: Array.from(new TextEncoder().encode(word), (byte) => letters[byte] ?? ""),
    count,
  }));
}

function mostFrequentPair(words: readonly Word[]): [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const { pieces, count } of words) {
    for (let i = 1; i < pieces.length; i++) {
      const pair = `${pieces[i - 1]} ${pieces[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let most = 1;
  for (const [pair, count] of counts) {
    if (count > most || (count === most && best !== undefined && pair < best)) {
      best = pair;
      most = count;
    }
  }
  const [left, right] = best?.split(" ") ?? [];
  return left === undefined || right === undefined ? undefined : [left, right];
}

function merge(word: Word, [left, right]: readonly [string, string]): void {
  const { pieces } = word;
  for (let i = 0; i + 1 < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) pieces.splice(i, 2, left + right);
  }
}

/** The vocabulary with RoBERTa's special tokens around it: 0 to 3 first, `<mask>` last. */
export function vocabulary({ pieces }: Merges): string[] {
  return ["<s>", "<pad>", "</s>", "<unk>", ...pieces, "<mask>"];
}

/** The text of tokenizer.json in the form of a RoBERTa tokenizer. */
export function tokenizerJson(learned: Merges): string {
  const vocab = Object.fromEntries(vocabulary(learned).map((piece, id) => [piece, id]));
  const merges = learned.merges.map((pair) => pair.join(" "));
  return `${JSON.stringify(byteLevelBpe(vocab, merges), null, 1)}\n`;
}
