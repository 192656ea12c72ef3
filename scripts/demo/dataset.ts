/** The demo's dataset: rows drawn from the rules of conduct, and their CSV files. */
import { type Frame, inFrame } from "./frames";
import { fill, type Side } from "./grammar";
import type { Pattern } from "./pattern";
import { stories } from "./patterns-long";
import { answersToEvents, deeds } from "./patterns-short";
import { reasons, rights } from "./patterns-why";
import type { Draw } from "./random";

/** One row of the CSV files: label 1 = not acceptable, 0 = acceptable, as in ETHICS. */
export interface EthicsRow {
  label: 0 | 1;
  input: string;
  isShort: boolean;
  edited: boolean;
  /** The rule that the text was written by. */
  pattern: string;
  /** Whether it has a frame. */
  framed: boolean;
}

/** All rules of conduct. */
export const patterns: readonly Pattern[] = [...deeds, ...answersToEvents, ...reasons, ...rights, ...stories];

/**
 * Draws rows that are all different, half of them acceptable.
 * @param side the words to draw from; patterns marked `hardOnly` are used with "away" words alone
 * @param seen texts that may not be drawn; the new ones are added
 */
export function drawRows(count: number, side: Side, draw: Draw, seen: Set<string>): EthicsRow[] {
  const usable = patterns.filter((pattern) => side === "away" || !pattern.hardOnly);
  const rows: EthicsRow[] = [];
  while (rows.length < count) {
    const label = rows.length % 2 === 0 ? 0 : 1;
    const pattern = draw.pick(usable);
    const template = draw.pick(label === 0 ? pattern.right : pattern.wrong);
    const { text, isShort } = told(template, !stories.includes(pattern), label, draw);
    const input = fill(text, side, draw);
    if (seen.has(input)) continue;
    seen.add(input);
    rows.push({ label, input, isShort, edited: false, pattern: pattern.id, framed: text !== template });
  }
  return draw.shuffled(rows);
}

/** Half of the texts have a frame, most of them one with a mood; more often than not that mood is the wrong guide. */
function told(deed: string, isShort: boolean, label: 0 | 1, draw: Draw): Frame {
  if (draw.chance(0.45)) return { text: deed, isShort };
  const honest = draw.chance(0.4);
  const mood = draw.chance(0.15) ? "none" : (label === 0) === honest ? "good" : "bad";
  const frame = inFrame(deed, mood, draw);
  return { text: frame.text, isShort: frame.isShort && isShort };
}

/** The three files of the dataset: the hard test is made of words that train and test never use. */
export function drawSplits(draw: Draw): {
  splits: Record<"train" | "test" | "test_hard", EthicsRow[]>;
  texts: Set<string>;
} {
  const texts = new Set<string>();
  const splits = {
    train: drawRows(3000, "home", draw, texts),
    test: drawRows(600, "home", draw, texts),
    test_hard: drawRows(600, "away", draw, texts),
  };
  return { splits, texts };
}

/** Rows as CSV in the original's form: header, True / False, quotes where a text needs them. */
export function toCsv(rows: readonly EthicsRow[]): string {
  const flag = (value: boolean): string => (value ? "True" : "False");
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map((row) => `${row.label},${quoted(row.input)},${flag(row.isShort)},${flag(row.edited)}`);
  return `${["label,input,is_short,edited", ...lines].join("\n")}\n`;
}
