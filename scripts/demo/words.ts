/** All words of the demo, by kind. */
import type { Forms } from "./inflect";
import { acts, nouns } from "./words-deeds";
import { answers, events, feelings, scenes } from "./words-events";

/** One kind of word: `home` is used by train and validation, `away` only by the hard test; the sentiment texts use both. */
export interface Kind {
  home: Forms[];
  away: Forms[];
}

/** All kinds of words by the name that a slot uses. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...nouns,
  ...acts,
  ...feelings,
  ...events,
  ...answers,
  ...scenes,
};
