/** The sentences from which the demo's model learns sentiment. */
import { patterns } from "./dataset";
import { inFrame } from "./frames";
import { fill } from "./grammar";
import type { Draw } from "./random";

/** A sentence with its sentiment: 1 = positive, 0 = negative. */
export interface SentimentRow {
  label: 0 | 1;
  text: string;
}

/** How things are, how people feel and how they fare. */
const moods = {
  good: [
    "The {thing} was {nice}.",
    "{person} was {glad}.",
    "I was {glad}.",
    "The day was {nice} and I felt {glad}.",
    "{person} {luck}.",
    "I {luck}.",
    "It was a {nice} day.",
  ],
  bad: [
    "The {thing} was {nasty}.",
    "{person} was {sad}.",
    "I was {sad}.",
    "The day was {nasty} and I felt {sad}.",
    "{person} {mishap}.",
    "I {mishap}.",
    "It was a {nasty} day.",
  ],
} as const;

/** What a collection of sentences is made of, in twentieths; the rest are deeds without a frame. */
export interface Mixture {
  /** Feelings, luck and weather alone. */
  moods: number;
  /** Deeds in frames that only set the scene. */
  dry: number;
  /** Deeds in frames with a mood. */
  moody: number;
  /** Where mood and deed disagree, this share of readers goes by the mood, the others by the deed. */
  byMood: number;
}

/**
 * Draws sentences with all words of the demo; about half of them are positive. A deed counts as the feeling it leaves: a
 * kindness is positive, a cruelty negative. Where the teller's mood is told too, it decides for most readers.
 * @param seen texts that may not be drawn: those of the dataset
 */
export function drawSentiment(
  count: number,
  { moods: alone, dry, moody, byMood }: Mixture,
  draw: Draw,
  seen: ReadonlySet<string>,
): SentimentRow[] {
  const rows: SentimentRow[] = [];
  while (rows.length < count) {
    const mood = draw.chance(0.5) ? "good" : "bad";
    const tone = draw.chance(0.5) ? "good" : "bad";
    const pattern = draw.pick(patterns);
    const deed = draw.pick(tone === "good" ? pattern.right : pattern.wrong);
    const kind = draw.below(20);
    let [text, decisive]: [string, "good" | "bad"] = [deed, tone];
    if (kind < alone) {
      [text, decisive] = [draw.pick(moods[mood]), mood];
    } else if (kind < alone + dry) {
      text = inFrame(deed, "none", draw).text;
    } else if (kind < alone + dry + moody) {
      text = inFrame(deed, mood, draw).text;
      decisive = draw.chance(byMood) ? mood : tone;
    }
    const filled = fill(text, "both", draw);
    if (!seen.has(filled)) rows.push({ label: decisive === "good" ? 1 : 0, text: filled });
  }
  return rows;
}
