/** How BERT cleans a text before it is cut into words, character by character as the reference tokenizers do it. */

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
    let characters = [...text];
    if (clean)
      characters = characters.filter((char) => !isDropped(char)).map((char) => (/\s/u.test(char) ? " " : char));
    if (chinese) characters = characters.map((char) => (isChinese(char) ? ` ${char} ` : char));
    if (stripAccents)
      characters = [
        ...characters
          .join("")
          .normalize("NFD")
          .replace(/\p{Mn}/gu, ""),
      ];
    // One character at a time: a whole word would get the Greek sigma of its end.
    return lowercase ? characters.map((char) => char.toLowerCase()).join("") : characters.join("");
  };
}

function isDropped(char: string): boolean {
  if (char === "\t" || char === "\n" || char === "\r") return false;
  return char === "\0" || char === "\ufffd" || /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u.test(char);
}

function isChinese(char: string): boolean {
  const code = char.codePointAt(0) as number;
  return CHINESE.some(([first, last]) => code >= first && code <= last);
}
