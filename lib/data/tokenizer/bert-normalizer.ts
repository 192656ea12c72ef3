/** How BERT cleans a text before it is cut into words, character by character as the reference tokenizers do it. */

import { MORE_ACCENTS, NOT_ACCENTS, NOT_CONTROL, NOT_DECOMPOSED } from "./unicode-tables";

/** The settings of a `BertNormalizer` in tokenizer.json. */
export interface BertNormalizerOptions {
  /** Drops control characters and makes every white space a space. */
  clean_text?: boolean;
  /** Puts spaces around Chinese characters. */
  handle_chinese_chars?: boolean;
  /** Drops accents; null does what `lowercase` says. */
  strip_accents?: boolean | null;
  lowercase?: boolean;
}

/** Ranges of code points that count as Chinese characters. */
const CHINESE: readonly (readonly [first: number, last: number])[] = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
];

/** @returns the function that cleans a text */
export function bertNormalizer(options: BertNormalizerOptions): (text: string) => string {
  const { clean_text: clean = true, handle_chinese_chars: chinese = true, lowercase = true } = options;
  const stripAccents = options.strip_accents ?? lowercase;
  return (text) => {
    if (isPlain(text)) return lowercase ? text.toLowerCase() : text;
    let characters = [...text];
    if (clean)
      characters = characters
        .filter((char) => !isDropped(char))
        .map((char) => (/\p{White_Space}/u.test(char) ? " " : char));
    if (chinese) characters = characters.map((char) => (isChinese(char) ? ` ${char} ` : char));
    if (stripAccents) characters = [...decomposed(characters)].filter((char) => !isAccent(char));
    // One character at a time: a whole word would get the Greek sigma of its end.
    return lowercase ? characters.map((char) => char.toLowerCase()).join("") : characters.join("");
  };
}

/** Whether all is printable ASCII, of which nothing is dropped or changed but its case. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** The characters' canonical parts (NFD), in order. */
function decomposed(characters: readonly string[]): string {
  let [done, open] = ["", ""];
  for (const char of characters) {
    if (NOT_DECOMPOSED.has(char)) [done, open] = [done + open.normalize("NFD") + char, ""];
    else open += char;
  }
  return done + open.normalize("NFD");
}

function isAccent(char: string): boolean {
  return MORE_ACCENTS.has(char) || (/\p{Mn}/u.test(char) && !NOT_ACCENTS.has(char));
}

function isDropped(char: string): boolean {
  if (char === "\t" || char === "\n" || char === "\r") return false;
  return char === "\0" || char === "\ufffd" || (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(char) && !NOT_CONTROL.has(char));
}

function isChinese(char: string): boolean {
  const code = char.codePointAt(0) as number;
  return CHINESE.some(([first, last]) => code >= first && code <= last);
}
