/** The ids of one text without special tokens around it: its words are looked up once and remembered. */
import { isObject, type JsonObject } from "../../files/json";
import { wordRules } from "./words";

/** Words that are remembered, and the longest of them; more than a language's usual words, and some ten megabytes. */
const [MOST_WORDS, LONGEST_WORD] = [2 ** 16, 64];

/** What is used of the library's tokenizer. */
interface Engine {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  normalizer: ((text: string) => string) | null;
  /** Words to tokens. */
  model: ((words: string[]) => string[]) & { unk_token_id: number | undefined };
  token_to_id(token: string): number | undefined;
}

/** A special token that may stand in a text. */
interface AddedToken {
  id: number;
  content: string;
  lstrip?: boolean;
  rstrip?: boolean;
  special?: boolean;
  normalized?: boolean;
  single_word?: boolean;
}

/**
 * @param description tokenizer.json
 * @returns the function that gives a text's ids
 */
export function textEncoder(engine: Engine, description: JsonObject): (text: string) => number[] {
  const byEngine = (text: string): number[] => engine.encode(text, { add_special_tokens: false }).ids;
  const added = (description.added_tokens ?? []) as AddedToken[];
  const rules = wordRules(description.pre_tokenizer);
  const { model } = description;
  const isKnown = isObject(model) && ["BPE", "WordPiece"].includes(String(model.type)) && model.fuse_unk !== true;
  const isSimple = added.every(({ content, normalized, special, single_word: alone }) => {
    return content !== "" && !(normalized ?? !special) && !alone;
  });
  if (rules === undefined || !isKnown || !isSimple) return byEngine;
  const known = new Map<string, readonly number[]>();
  const lookUp = (word: string): readonly number[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const tokens: string[] = engine.model([rules.inVocabulary(word)]);
    const ids = tokens.map((token) => (engine.token_to_id(token) ?? engine.model.unk_token_id) as number);
    if (known.size >= MOST_WORDS) known.clear();
    if (word.length <= LONGEST_WORD) known.set(word, ids);
    return ids;
  };
  const between = (text: string): readonly number[] => {
    return text === "" ? [] : rules.split(engine.normalizer?.(text) ?? text).flatMap(lookUp);
  };
  const split = splitter(added);
  return (text) => split(text).flatMap((part) => (typeof part === "string" ? between(part) : [part.id]));
}

/** Cuts a text at its special tokens, the longest first; a token may take the white space beside it. */
function splitter(added: readonly AddedToken[]): (text: string) => (string | AddedToken)[] {
  if (added.length === 0) return (text) => [text];
  const byContent = new Map(added.map((token) => [token.content, token]));
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu");
  return (text) => {
    const parts: (string | AddedToken)[] = [];
    let start = 0;
    for (const { index, 0: content } of text.matchAll(pattern)) {
      const token = byContent.get(content) as AddedToken;
      const before = text.slice(start, Math.max(start, index));
      parts.push(token.lstrip ? before.replace(/\p{White_Space}+$/u, "") : before, token);
      start = index + content.length;
      if (token.rstrip) start += /^\p{White_Space}*/u.exec(text.slice(start))?.[0].length ?? 0;
    }
    return [...parts, text.slice(start)];
  };
}
