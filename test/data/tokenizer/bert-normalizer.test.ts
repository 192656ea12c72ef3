import assert from "node:assert/strict";
import { test } from "node:test";
import { bertNormalizer } from "../../../lib/data/tokenizer/bert-normalizer";

test("white space becomes spaces, control characters go, Chinese characters stand alone", () => {
  const normalize = bertNormalizer({ lowercase: false });
  assert.equal(normalize("a\tb\u00a0c\r\nd"), "a b c  d");
  assert.equal(normalize("a\0b\u200bc\ufffdd\u0085e"), "abcde");
  assert.equal(normalize("a中𠀀"), "a 中  𠀀 ");
  assert.equal(bertNormalizer({ clean_text: false, handle_chinese_chars: false, lowercase: false })("a\t中"), "a\t中");
});

test("accents are removed when text is lower-cased, unless the settings say otherwise", () => {
  assert.equal(bertNormalizer({})("CAFÉ"), "cafe");
  assert.equal(bertNormalizer({ strip_accents: false })("CAFÉ"), "café");
  assert.equal(bertNormalizer({ lowercase: false })("CAFÉ"), "CAFÉ");
  assert.equal(bertNormalizer({ lowercase: false, strip_accents: true })("CAFÉ"), "CAFE");
});

test("each letter is lower-cased by itself, even a sigma at the end of a word", () => {
  assert.equal(bertNormalizer({})("ΟΔΟΣ"), "οδοσ");
});
