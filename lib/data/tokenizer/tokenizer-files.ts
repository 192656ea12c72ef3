/** The files of a tokenizer: tokenizer.json, or the vocabulary files of earlier years, converted to the same form. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileFormatError } from "../../files/errors";
import { isObject, type JsonObject, readJson } from "../../files/json";
import { readText } from "../../files/text";

/** The content of a folder's tokenizer files. */
export interface TokenizerFiles {
  /** The file of the description; errors name it. */
  source: string;
  /** tokenizer.json, read or built. */
  description: JsonObject;
  /** tokenizer_config.json, with a `model_max_length` from the model's config.json where it has none. */
  config: JsonObject;
}

/** A special token as it stands in `added_tokens`. */
interface AddedToken extends JsonObject {
  id: number;
  content: string;
}

/**
 * Reads the tokenizer of a folder: tokenizer.json, else vocab.json with merges.txt (byte-level BPE), else vocab.txt (WordPiece).
 *
 * @throws {FileFormatError} none of them is there, or one is broken
 */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const file = (name: string): string => join(folder, name);
  const has = (name: string): boolean => existsSync(file(name));
  const optional = (name: string): JsonObject => (has(name) ? readJson(file(name)) : {});
  const config = { ...longestRow(optional("config.json")), ...optional("tokenizer_config.json") };
  if (has("tokenizer.json")) {
    return { source: file("tokenizer.json"), description: readJson(file("tokenizer.json")), config };
  }
  const settings = { ...config, ...optional("special_tokens_map.json") };
  if (has("vocab.json") && has("merges.txt")) {
    const vocab = readVocabulary(file("vocab.json"));
    const description = byteLevelBpe(vocab, readMerges(file("merges.txt")), settings);
    return { source: file("vocab.json"), description, config };
  }
  if (has("vocab.txt")) {
    const vocab = Object.fromEntries(lines(file("vocab.txt")).map((token, id) => [token, id]));
    return { source: file("vocab.txt"), description: wordPiece(vocab, settings, file("vocab.txt")), config };
  }
  throw new FileFormatError(
    folder,
    "expected tokenizer.json, vocab.json with merges.txt, or vocab.txt in this folder, got none. In Python, `AutoTokenizer.from_pretrained(…).save_pretrained(folder)` writes the first.",
  );
}

/** How many more ids there may be than tokens: an id far above the others would only fill memory. */
const SPARE_IDS = 2 ** 20;

/**
 * Refuses what would make a tokenizer use unbounded memory or time.
 *
 * @throws an id is not a whole number or far above the others, or an expression repeats a group, on which JavaScript can backtrack for ever
 */
export function checkTokenizer(description: JsonObject): void {
  const { model, added_tokens: added, normalizer, pre_tokenizer: preTokenizer } = description;
  const vocab = isObject(model) && isObject(model.vocab) ? Object.entries(model.vocab) : [];
  const more = Array.isArray(added) ? added.map((token): [string, unknown] => [token?.content, token?.id]) : [];
  const most = 2 * (vocab.length + more.length) + SPARE_IDS;
  for (const [token, id] of [...vocab, ...more]) {
    if (Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < most) continue;
    throw new Error(`\`${token}\`: expected an id from 0 to ${most - 1}, got ${JSON.stringify(id)}`);
  }
  JSON.stringify([normalizer, preTokenizer, description.decoder], (key, value) => {
    if (key === "Regex" && repeatsGroup(String(value))) {
      throw new Error(`expected an expression that repeats no group, got \`${value}\``);
    }
    return value;
  });
}

function repeatsGroup(pattern: string): boolean {
  const plain = pattern.replace(/\\[\s\S]/g, "x").replace(/\[[^\]]*\]/g, "x");
  return /\)(?:[*+]|\{\d*,)/.test(plain);
}

/** The longest row by the model's position table, for a tokenizer_config.json that does not say it. */
function longestRow(model: JsonObject): JsonObject {
  const { max_position_embeddings: rows, model_type: kind, pad_token_id: padding = 1 } = model;
  if (typeof rows !== "number") return {};
  return { model_max_length: String(kind).includes("roberta") ? rows - Number(padding) - 1 : rows };
}

function readVocabulary(file: string): Record<string, number> {
  const vocab = readJson(file);
  const wrong = Object.entries(vocab).find(([, id]) => !(Number.isSafeInteger(id) && (id as number) >= 0));
  if (wrong) throw new FileFormatError(file, `\`${wrong[0]}\`: expected an id, got ${JSON.stringify(wrong[1])}.`);
  return vocab as Record<string, number>;
}

function readMerges(file: string): string[] {
  const merges = lines(file).filter((line) => line !== "" && !line.startsWith("#version"));
  const wrong = merges.find((line) => line.split(" ").length !== 2);
  if (wrong !== undefined) throw new FileFormatError(file, `expected two tokens a line, got ${JSON.stringify(wrong)}.`);
  return merges;
}

function lines(file: string): string[] {
  const all = readText(file).split(/\r\n|\r|\n/);
  return all.at(-1) === "" ? all.slice(0, -1) : all;
}

/**
 * A byte-level BPE as transformers' RobertaTokenizer builds it from vocab.json and merges.txt.
 *
 * @param merges pairs in order, "left right" each
 * @param settings tokenizer_config.json and special_tokens_map.json; empty for RoBERTa's own
 */
export function byteLevelBpe(vocab: Record<string, number>, merges: string[], settings: JsonObject = {}): JsonObject {
  const names = { cls: "<s>", pad: "<pad>", sep: "</s>", unk: "<unk>", bos: "<s>", eos: "</s>", mask: "<mask>" };
  const { tokens, added } = specialTokens(vocab, names, settings);
  const pair = (name: keyof typeof names): [string, number] => [tokens[name].content, tokens[name].id];
  const addPrefixSpace = settings.add_prefix_space === true;
  const byteLevel = { type: "ByteLevel", add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: "RobertaProcessing",
      sep: pair("sep"),
      cls: pair("cls"),
      trim_offsets: true,
      add_prefix_space: addPrefixSpace,
    },
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: merges.map((line) => line.split(" ")),
    },
  };
}

/** A WordPiece tokenizer as transformers' BertTokenizer builds it from vocab.txt. */
function wordPiece(vocab: Record<string, number>, settings: JsonObject, file: string): JsonObject {
  const names = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
  const { tokens, added } = specialTokens(vocab, names, settings);
  const { cls, sep, unk } = tokens;
  if (!Object.hasOwn(vocab, unk.content)) throw new FileFormatError(file, `expected a line ${unk.content}, got none.`);
  const special = (id: string, type: number): JsonObject => ({ SpecialToken: { id, type_id: type } });
  const single = [special(cls.content, 0), { Sequence: { id: "A", type_id: 0 } }, special(sep.content, 0)];
  const entry = ({ content, id }: AddedToken): JsonObject => ({ id: content, ids: [id], tokens: [content] });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars !== false,
      strip_accents: settings.strip_accents ?? null,
      lowercase: settings.do_lower_case !== false,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, { Sequence: { id: "B", type_id: 1 } }, special(sep.content, 1)],
      special_tokens: { [cls.content]: entry(cls), [sep.content]: entry(sep) },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: unk.content,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

/**
 * The special tokens, by their usual names or as the settings name them. Those that the vocabulary lacks get the ids
 * after it.
 *
 * @returns the tokens by their role, and all of them in the order of their ids
 */
function specialTokens<Role extends string>(
  vocab: Record<string, number>,
  usual: Record<Role, string>,
  settings: JsonObject,
): { tokens: Record<Role, AddedToken>; added: AddedToken[] } {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const byContent = new Map<string, AddedToken>();
  let next = Object.values(vocab).reduce((most, id) => Math.max(most, id), -1) + 1;
  const add = (token: unknown, more: JsonObject, ownId = Number.NaN): AddedToken => {
    const given = isObject(token) ? token : { content: token };
    const content = String(given.content);
    const known = byContent.get(content);
    const inVocab = Object.hasOwn(vocab, content) ? (vocab[content] as number) : undefined;
    const id = known?.id ?? inVocab ?? (Number.isSafeInteger(ownId) ? ownId : next++);
    const own = Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(flags, key)));
    const made = { ...flags, ...known, ...own, ...more, id, content };
    byContent.set(content, made);
    return made;
  };
  const decoder = isObject(settings.added_tokens_decoder) ? settings.added_tokens_decoder : {};
  for (const [id, token] of Object.entries(decoder)) add(token, {}, Number(id));
  const isSpecial = { special: true };
  const roles = Object.entries(usual).map(([role, name]) => [role, add(settings[`${role}_token`] ?? name, isSpecial)]);
  const more = settings.additional_special_tokens;
  for (const token of Array.isArray(more) ? more : []) add(token, isSpecial);
  const added = [...byContent.values()].sort((a, b) => a.id - b.id);
  return { tokens: Object.fromEntries(roles) as Record<Role, AddedToken>, added };
}
