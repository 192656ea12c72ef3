/** How texts are cut into words before a vocabulary is asked, with Unicode's white space and the reference's punctuation. */
import { isObject } from "../../files/json";
import { MORE_PUNCTUATION, NOT_PUNCTUATION } from "./unicode-tables";

/** JavaScript's \s lacks U+0085 and has U+FEFF; the reference's is Unicode's. */
const BYTE_LEVEL =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const BERT_CLASS = `(?:(?![${[...NOT_PUNCTUATION].join("")}])[\\p{P}!-\\/:-@[-\`\\{-~${[...MORE_PUNCTUATION].join("")}])`;
const BERT = new RegExp(`${BERT_CLASS}|(?:(?!${BERT_CLASS})\\P{White_Space})+`, "gu");

/** The character that stands for each byte in a byte-level vocabulary: itself where it can be seen, else one above 255. */
const CHARACTERS: readonly string[] = ((): string[] => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isSeen = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isSeen ? byte : next++);
  });
})();

const encoder = new TextEncoder();

/** A text's words, and what the vocabulary calls one. */
export interface WordRules {
  split: (text: string) => string[];
  inVocabulary: (word: string) => string;
}

/** The rules for a `pre_tokenizer` of tokenizer.json; undefined for kinds that are left to the library. */
export function wordRules(preTokenizer: unknown): WordRules | undefined {
  if (!isObject(preTokenizer)) return undefined;
  if (preTokenizer.type === "BertPreTokenizer") {
    return { split: (text) => text.match(BERT) ?? [], inVocabulary: (word) => word };
  }
  if (preTokenizer.type !== "ByteLevel" || preTokenizer.use_regex === false) return undefined;
  const prefix = preTokenizer.add_prefix_space === true ? " " : "";
  return {
    split: (text) => (text.startsWith(" ") ? text : prefix + text).match(BYTE_LEVEL) ?? [],
    inVocabulary: (word) => Array.from(encoder.encode(word), (byte) => CHARACTERS[byte] as string).join(""),
  };
}
