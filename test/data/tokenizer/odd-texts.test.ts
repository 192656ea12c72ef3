/** Odd texts beside the reference's ids; `scripts/checks/odd_texts.py` makes all 464,286, and these few hundred of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AutoTokenizer } from "../../../lib/data/tokenizer/tokenizer";
import type { JsonObject } from "../../../lib/files/json";
import { temporaryFolder, writeFiles } from "../../support/folders";
import { fixture, readFixture } from "../../support/golden";

interface Odd {
  texts: string[];
  byte_level: number[][];
  word_piece: JsonObject;
  word_piece_ids: number[][];
}

const odd = readFixture<Odd>("tokenizer", "odd.json");

test("white space, marks and punctuation of every age get the reference's byte-level tokens", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const ids = tokenizer(odd.texts).inputIds.map((row) => row.slice(1, -1));
  odd.texts.forEach((text, i) => {
    assert.deepEqual(ids[i], odd.byte_level[i], JSON.stringify(text));
  });
});

test("white space, marks and punctuation of every age get the reference's word pieces", async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { "tokenizer.json": JSON.stringify(odd.word_piece) });
  const tokenizer = await AutoTokenizer.fromPretrained(folder);
  const { inputIds } = tokenizer(odd.texts);
  odd.texts.forEach((text, i) => {
    assert.deepEqual(inputIds[i], odd.word_piece_ids[i], JSON.stringify(text));
  });
});

test("words that were looked up before have the same ids again, however many there were", async () => {
  const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const before = tokenizer("I helped the old man.").inputIds;
  tokenizer(Array.from({ length: 700 }, (_, i) => Array.from({ length: 100 }, (_, k) => `w${i * 100 + k}`).join(" ")));
  assert.deepEqual(tokenizer("I helped the old man.").inputIds, before);
});
