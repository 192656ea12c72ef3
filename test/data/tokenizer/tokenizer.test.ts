import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { AutoTokenizer, type Tokenizer } from "../../../lib/data/tokenizer/tokenizer";
import { readTokenizerFiles } from "../../../lib/data/tokenizer/tokenizer-files";
import { temporaryFolder, writeFiles } from "../../support/folders";
import { fixture, readFixture } from "../../support/golden";

interface Answers {
  singles: { text: string; ids: number[]; ids_no_special_no_truncation: number[]; decoded_no_special: string }[];
  pairs: { text: string; text_pair: string; ids: number[] }[];
  padded_batch: { texts: string[]; input_ids: number[][]; attention_mask: number[][] };
}

const answers = readFixture<Answers>("tokenizer", "answers.json");
let tokenizer: Tokenizer;

/** A new folder with some of the reference's files. */
function copyOf(names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) cpSync(fixture("tokenizer", name), join(folder, name));
  return folder;
}

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

test("the longest row and the number of tokens come from the files", async () => {
  assert.deepEqual([tokenizer.modelMaxLength, tokenizer.vocabSize], [62, 400]);
  const folder = writeFiles(temporaryFolder(), {
    "tokenizer.json": readFixture<object>("tokenizer", "tokenizer.json"),
    "tokenizer_config.json": { ...readFixture<object>("tokenizer", "tokenizer_config.json"), model_max_length: 1e30 },
  });
  const unlimited = await AutoTokenizer.fromPretrained(folder);
  assert.equal(unlimited.modelMaxLength, Number.POSITIVE_INFINITY);
  assert.ok((unlimited("word ".repeat(100), { truncation: true }).inputIds[0] as number[]).length > 100);
});

test("vocab.json and merges.txt alone are the same tokenizer", async () => {
  const folder = copyOf(["vocab.json", "merges.txt", "tokenizer_config.json"]);
  const { description } = readTokenizerFiles(folder);
  assert.deepEqual(description, readFixture<object>("tokenizer", "tokenizer.json"));
  const built = await AutoTokenizer.fromPretrained(folder);
  for (const { text, ids } of answers.singles) {
    assert.deepEqual(built(text, { truncation: true }).inputIds, [ids], JSON.stringify(text));
  }
});

test("pairs get the reference's ids, the longer text cut first, and no token types", async () => {
  assert.equal(answers.pairs.length, 7);
  for (const { text, text_pair: textPair, ids } of answers.pairs) {
    const encoding = tokenizer(text, { textPair, truncation: true });
    assert.deepEqual(
      encoding,
      { inputIds: [ids], attentionMask: [ids.map(() => 1)] },
      JSON.stringify([text, textPair]),
    );
  }
  const both = tokenizer(["a", "b"], { textPair: ["c", "d"] }).inputIds;
  assert.deepEqual(both, [
    ...tokenizer("a", { textPair: "c" }).inputIds,
    ...tokenizer("b", { textPair: ["d"] }).inputIds,
  ]);
  assert.deepEqual(tokenizer(["a"], { textPair: [""] }).inputIds, [
    [...(tokenizer("a").inputIds[0] as number[]), 2, 2],
  ]);
  assert.throws(() => tokenizer(["a", "b"], { textPair: "c" }), /`textPair`: expected 2 texts, got 1/);
});

test("rows are padded on the right to the longest", () => {
  const { texts, input_ids: inputIds, attention_mask: attentionMask } = answers.padded_batch;
  assert.deepEqual(tokenizer.pad(tokenizer(texts, { truncation: true })), { inputIds, attentionMask });
});

test("special_tokens_map.json decides which spaces a special token absorbs, and tokenizer_config.json where it does not say", async () => {
  const mask = { content: "<mask>", lstrip: true, rstrip: false, normalized: false };
  const [plain] = tokenizer("some <mask> here").inputIds as [number[]];
  const files: Record<string, object>[] = [
    { "special_tokens_map.json": { mask_token: mask } },
    { "tokenizer_config.json": { mask_token: mask } },
    { "tokenizer_config.json": { added_tokens_decoder: { 399: mask } } },
  ];
  for (const changes of files) {
    const folder = writeFiles(copyOf(["vocab.json", "merges.txt"]), changes);
    const [ids] = (await AutoTokenizer.fromPretrained(folder))("some <mask> here").inputIds as [number[]];
    assert.deepEqual(
      ids,
      plain.filter((_, i) => plain[i + 1] !== 399),
    ); // without the space before it
  }
});

test("special tokens that the vocabulary lacks get the ids after it", async () => {
  const folder = writeFiles(copyOf(["vocab.json", "merges.txt"]), {
    "special_tokens_map.json": { additional_special_tokens: ["<speaker>", { content: "<end>" }] },
  });
  const more = await AutoTokenizer.fromPretrained(folder);
  assert.deepEqual([more.vocabSize, more("<speaker><end>").inputIds[0]], [402, [0, 400, 401, 2]]);
});

test("where the files give no longest row, it follows from the model's position table", async () => {
  const folder = writeFiles(copyOf(["vocab.json", "merges.txt"]), {});
  assert.equal((await AutoTokenizer.fromPretrained(folder)).modelMaxLength, Number.POSITIVE_INFINITY);
  writeFiles(folder, { "config.json": { model_type: "roberta", max_position_embeddings: 514, pad_token_id: 1 } });
  assert.equal((await AutoTokenizer.fromPretrained(folder)).modelMaxLength, 512);
  writeFiles(folder, { "config.json": { model_type: "bert", max_position_embeddings: 512 } });
  assert.equal((await AutoTokenizer.fromPretrained(folder)).modelMaxLength, 512);
  writeFiles(folder, { "tokenizer_config.json": { model_max_length: 100 } });
  assert.equal((await AutoTokenizer.fromPretrained(folder)).modelMaxLength, 100);
});

test("a saved tokenizer is the same tokenizer", async () => {
  const folder = temporaryFolder();
  (await AutoTokenizer.fromPretrained(copyOf(["vocab.json", "merges.txt", "tokenizer_config.json"]))).savePretrained(
    folder,
  );
  const saved = await AutoTokenizer.fromPretrained(folder);
  assert.deepEqual([saved.modelMaxLength, saved.padTokenId, saved.vocabSize], [62, 1, 400]);
  for (const { text, ids } of answers.singles) assert.deepEqual(saved(text, { truncation: true }).inputIds, [ids]);
});

const vocabulary = process.env.ROBERTA_VOCABULARY;
const reason = "ROBERTA_VOCABULARY names no folder with vocab.json and merges.txt of roberta-large";
test("the row train[3] of the original notebook has its ids", { skip: vocabulary ? false : reason }, async () => {
  const { text, input_ids: ids } = readFixture<{ text: string; input_ids: number[] }>("seed_tokens.json");
  const real = await AutoTokenizer.fromPretrained(vocabulary as string);
  assert.deepEqual(real(text, { truncation: true }).inputIds, [ids]);
});

test("missing and broken files are errors that name them", async () => {
  const folder = temporaryFolder();
  const refused = (message: RegExp): Promise<void> =>
    assert.rejects(AutoTokenizer.fromPretrained(folder), { name: "FileFormatError", message });
  await refused(/expected tokenizer\.json, vocab\.json with merges\.txt, or vocab\.txt in this folder, got none/);
  writeFiles(folder, { "vocab.txt": "[PAD]\n[CLS]\n[SEP]\n" });
  await refused(/vocab\.txt: expected a line \[UNK\], got none/);
  writeFiles(folder, { "vocab.json": { a: 0 }, "merges.txt": "#version: 0.2\na b c\n" });
  await refused(/merges\.txt: expected two tokens a line, got "a b c"/);
  writeFiles(folder, { "vocab.json": { a: -1 } });
  await refused(/vocab\.json: `a`: expected an id, got -1/);
  writeFiles(folder, { "tokenizer.json": { model: { type: "Nothing" } } });
  await refused(/tokenizer\.json: expected a tokenizer, got /);
  writeFiles(folder, { "tokenizer_config.json": "[]" });
  await refused(/tokenizer_config\.json: expected a JSON object, got an array/);
});

test("ids far above the others, and expressions on which JavaScript could backtrack for ever, are refused at once", async () => {
  const { description } = readTokenizerFiles(fixture("tokenizer"));
  const model = description.model as { vocab: Record<string, number> };
  const split = { type: "Split", pattern: { Regex: "(\\w+\\.?)+!" }, behavior: "Isolated", invert: false };
  const hostile: [Record<string, unknown>, RegExp][] = [
    [{ model: { ...model, vocab: { ...model.vocab, far: 2 ** 31 } } }, /`far`: expected an id from 0 to \d+, got 2147/],
    [{ added_tokens: [{ content: "far", id: 2 ** 31 }] }, /`far`: expected an id from 0 to \d+, got 2147483648/],
    [{ added_tokens: [null] }, /`undefined`: expected an id from 0 to \d+, got undefined/],
    [{ pre_tokenizer: { type: "Sequence", pretokenizers: [split] } }, /expected an expression that repeats no group/],
  ];
  for (const [changes, message] of hostile) {
    const folder = temporaryFolder();
    writeFiles(folder, { "tokenizer.json": JSON.stringify({ ...description, ...changes }) });
    await assert.rejects(AutoTokenizer.fromPretrained(folder), { name: "FileFormatError", message });
  }
});
