import assert from "node:assert/strict";
import { before, test } from "node:test";
import { AutoTokenizer, type Tokenizer } from "../../lib/data/tokenizer";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture, readFixture } from "../support/golden";

interface Answers {
  singles: { text: string; ids: number[]; ids_no_special_no_truncation: number[]; decoded_no_special: string }[];
  padded_batch: { texts: string[]; input_ids: number[][]; attention_mask: number[][] };
}

const answers = readFixture<Answers>("tokenizer", "answers.json");
let tokenizer: Tokenizer;

before(async () => {
  tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
});

test("all 76 texts get the reference's ids, cut to the model's length with the closing token kept", () => {
  assert.equal(answers.singles.length, 76);
  const { inputIds, attentionMask } = tokenizer(
    answers.singles.map(({ text }) => text),
    { truncation: true },
  );
  for (const [i, { text, ids }] of answers.singles.entries()) assert.deepEqual(inputIds[i], ids, JSON.stringify(text));
  assert.deepEqual(
    attentionMask,
    inputIds.map((ids) => ids.map(() => 1)),
  );
  const cut = inputIds.filter((ids) => ids.length === 62);
  assert.ok(cut.length > 0 && cut.every((ids) => ids.at(-1) === 2));
});

test("without truncation a long text keeps all its tokens", () => {
  for (const { text, ids_no_special_no_truncation: body } of answers.singles) {
    assert.deepEqual(tokenizer(text).inputIds, [[0, ...body, 2]], JSON.stringify(text));
  }
});

test("ids are decoded to the reference's texts", () => {
  for (const { ids_no_special_no_truncation: ids, decoded_no_special: text } of answers.singles) {
    assert.equal(tokenizer.decode(ids), text);
  }
});

test("a batch has the reference's rows without their padding", () => {
  const { texts, input_ids: padded, attention_mask: mask } = answers.padded_batch;
  const rows = padded.map((ids, i) => ids.filter((_, k) => mask[i]?.[k] === 1));
  assert.deepEqual(tokenizer(texts, { truncation: true }).inputIds, rows);
});

test("special tokens are shown, or skipped on demand", () => {
  const ids = tokenizer("Hi").inputIds[0] as number[];
  assert.equal(tokenizer.decode(ids), "<s>Hi</s>");
  assert.equal(tokenizer.decode(ids, { skipSpecialTokens: true }), "Hi");
  assert.deepEqual([tokenizer.tokens(ids).at(0), tokenizer.tokens(ids).at(-1)], ["<s>", "</s>"]);
});

test("the files tell the longest row and the number of tokens", async () => {
  assert.deepEqual([tokenizer.modelMaxLength, tokenizer.vocabSize], [62, 400]);
  const folder = writeFiles(temporaryFolder(), {
    "tokenizer.json": readFixture<object>("tokenizer", "tokenizer.json"),
    "tokenizer_config.json": { ...readFixture<object>("tokenizer", "tokenizer_config.json"), model_max_length: 1e30 },
  });
  const unlimited = await AutoTokenizer.fromPretrained(folder);
  assert.equal(unlimited.modelMaxLength, Number.POSITIVE_INFINITY);
  assert.ok((unlimited("word ".repeat(100), { truncation: true }).inputIds[0] as number[]).length > 100);
});

test("missing and broken files are errors that name them", async () => {
  const folder = temporaryFolder();
  await assert.rejects(AutoTokenizer.fromPretrained(folder), {
    name: "FileFormatError",
    message: /tokenizer\.json: expected a JSON file, got ENOENT/,
  });
  writeFiles(folder, { "tokenizer.json": { model: { type: "Nothing" } } });
  await assert.rejects(AutoTokenizer.fromPretrained(folder), /tokenizer_config\.json: expected a JSON file/);
  writeFiles(folder, { "tokenizer_config.json": {} });
  await assert.rejects(AutoTokenizer.fromPretrained(folder), {
    name: "FileFormatError",
    message: /tokenizer\.json: expected a tokenizer, got /,
  });
});
