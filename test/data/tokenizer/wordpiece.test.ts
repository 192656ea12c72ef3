import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AutoTokenizer } from "../../../lib/data/tokenizer/tokenizer";
import { temporaryFolder, writeFiles } from "../../support/folders";
import { fixture, readFixture } from "../../support/golden";

interface Answers {
  model_max_length: number;
  texts: string[];
  pairs: [string, string][];
  variants: Record<
    string,
    { options: Record<string, unknown>; ids: number[][]; pairs: { ids: number[]; types: number[] }[] }
  >;
}

const { model_max_length, texts, pairs, variants } = readFixture<Answers>("wordpiece", "answers.json");

for (const [name, { options, ids, pairs: pairAnswers }] of Object.entries(variants)) {
  test(`vocab.txt, ${name}: texts and pairs get the reference's ids, pairs its token types`, async () => {
    const folder = writeFiles(temporaryFolder(), { "tokenizer_config.json": { model_max_length, ...options } });
    cpSync(fixture("wordpiece", "vocab.txt"), join(folder, "vocab.txt"));
    const tokenizer = await AutoTokenizer.fromPretrained(folder);
    assert.equal(tokenizer.padTokenId, 0);
    const shown = (row: number[]): string => tokenizer.tokens(row).join("|");
    for (const [i, text] of texts.entries()) {
      const { inputIds, tokenTypeIds } = tokenizer(text, { truncation: true });
      const [row, expected] = [inputIds[0] as number[], ids[i] as number[]];
      assert.deepEqual(row, expected, `${JSON.stringify(text)}: ${shown(row)}, expected ${shown(expected)}`);
      assert.equal(tokenTypeIds, undefined);
    }
    for (const [i, [text, textPair]] of pairs.entries()) {
      const { inputIds, tokenTypeIds } = tokenizer(text, { textPair, truncation: true });
      const expected = pairAnswers[i] as { ids: number[]; types: number[] };
      // One text has no types, which means zeros.
      const types = tokenTypeIds?.[0] ?? expected.ids.map(() => 0);
      assert.deepEqual([inputIds[0], types], [expected.ids, expected.types], `${text} / ${textPair}`);
    }
  });
}

test("padding of pairs has token type 0", async () => {
  const folder = temporaryFolder();
  cpSync(fixture("wordpiece", "vocab.txt"), join(folder, "vocab.txt"));
  const tokenizer = await AutoTokenizer.fromPretrained(folder);
  const padded = tokenizer.pad(tokenizer(["fox", "the fox"], { textPair: ["dog", "the dog"] }));
  assert.deepEqual(padded.attentionMask[0], [1, 1, 1, 1, 1, 0, 0]);
  assert.deepEqual(padded.tokenTypeIds?.[0], [0, 0, 0, 1, 1, 0, 0]);
});
