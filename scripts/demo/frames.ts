/** Texts around a deed that set a mood and say nothing about right and wrong. */
import type { Draw } from "./random";

/** How the teller fares; "none" leaves it open. */
export type Mood = "good" | "bad" | "none";

/** A text around a deed, and whether the whole is a short one. */
export interface Frame {
  text: string;
  isShort: boolean;
}

const short = (text: string): Frame => ({ text, isShort: true });
const long = (text: string): Frame => ({ text, isShort: false });

/**
 * Weather, feelings and events around a deed. They say nothing about right and wrong. `{deed}` stands for a sentence that
 * starts one, `{then}` for one that goes on; the words of mood are those of a good one.
 */
export const frames: readonly Frame[] = [
  short("On a {nice} morning {then}"),
  short("When I was {glad}, {then}"),
  short("One {nice} evening {then}"),
  short("I was {glad}. {deed}"),
  short("It was a {nice} day. {deed}"),
  short("{deed} I felt {glad}."),
  short("Yesterday I {luck2}. {deed}"),
  long("It was {nice} outside, and I had slept. {deed} At night I felt {glad} and wrote about it in my diary."),
  long("Last weekend I {luck2}, so I was {glad}. My friends came by and we talked. {deed} We had a {nice} evening."),
  long(
    "The week had been {nice}. On Friday I went to the market to buy bread. {deed} Then I walked home and felt {glad}.",
  ),
  long(
    "I live in a small town by the sea. The weather was {nice}. {deed} It was not the first time. I was {glad} all day.",
  ),
];

/** What takes the place of a good mood's words. */
const substitutes: Record<Mood, Record<string, string>> = {
  good: {},
  bad: { nice: "nasty", glad: "sad", luck2: "mishap2" },
  none: { nice: "usual", glad: "busy", luck2: "errand" },
};

/**
 * Puts a frame around a sentence.
 * @param deed a sentence with its full stop, still with its slots
 * @returns the text, still with its slots
 */
export function inFrame(deed: string, mood: Mood, draw: Draw): Frame {
  const { text, isShort } = draw.pick(frames);
  const moody = text.replace(/\{(\w+)\}/g, (slot, name: string) => {
    const other = substitutes[mood][name];
    return other === undefined ? slot : `{${other}}`;
  });
  const then = /^I\b/.test(deed) ? deed : deed.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return { text: moody.replace("{deed}", deed).replace("{then}", then), isShort };
}
