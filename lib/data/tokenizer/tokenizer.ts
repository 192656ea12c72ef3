/** Turns texts into token ids by @huggingface/tokenizers; pairs, truncation and padding are done here. */
import { join } from "node:path";
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { writeFileAtomic } from "../../files/atomic";
import { FileFormatError } from "../../files/errors";
import { isObject } from "../../files/json";
import { HUB_OPTIONS, type HubOptions, resolveModel } from "../../hub/resolve";
import { checkOptions, type OptionKinds } from "../../process/options";
import { type BertNormalizerOptions, bertNormalizer } from "./bert-normalizer";
import { textEncoder } from "./text-encoder";
import { checkTokenizer, readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files";

/** How texts are tokenized. */
export interface TokenizeOptions {
  /** Cut rows to `modelMaxLength` tokens, the special tokens kept; of a pair the longer text first (default false). */
  truncation?: boolean;
  /** A second text for each text (default none). */
  textPair?: string | readonly string[];
}

const OPTIONS: OptionKinds<TokenizeOptions> = { truncation: "boolean", textPair: ["string", "list"] };

/** Options of Python's tokenizers that these do not have. */
const REFUSED = {
  maxLength: "rows are cut to the tokenizer's modelMaxLength, with truncation: true",
  padding: "call tokenizer.pad(encoding); the models of this library need no padding",
  stride: "rows are cut, not split",
  returnTensors: "ids are lists; the models take tokenized datasets",
  addSpecialTokens: "special tokens are always added",
};

/** Token ids of texts, a row each. */
export interface Encoding {
  inputIds: number[][];
  /** 1 for tokens that count, 0 for padding, which only `pad` adds. */
  attentionMask: number[][];
  /** Which of two texts each token belongs to (0 or 1); only for pairs, and only where the model uses it. */
  tokenTypeIds?: number[][];
}

/** A tokenizer is called like a function. */
export interface Tokenizer {
  (texts: string | readonly string[], options?: TokenizeOptions): Encoding;
  /** Most tokens in a row; infinite when the files do not say. */
  readonly modelMaxLength: number;
  /** Number of tokens. */
  readonly vocabSize: number;
  /** Id of the padding token; undefined when the files do not say. */
  readonly padTokenId: number | undefined;
  /** Ids back to text; special tokens are kept unless `skipSpecialTokens` is true. */
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** The text of each token. */
  tokens(ids: readonly number[]): string[];
  /** The rows padded on the right to the longest. The models of this library need no padding. */
  pad(encoding: Encoding): Encoding;
  /** Writes tokenizer.json and tokenizer_config.json. */
  savePretrained(folder: string): void;
}

/** From here on a `model_max_length` in the files means "no limit". */
const NO_LIMIT = 1e15;

/**
 * Loads tokenizers from folders and from the Hugging Face hub.
 *
 * @example
 * ```ts
 * import { AutoTokenizer } from "ethics-for-robots";
 *
 * const tokenizer = await AutoTokenizer.fromPretrained("data/demo/model");
 * const { inputIds } = tokenizer(["I helped the old man.", "I robbed him."]);
 * tokenizer.decode(inputIds[0]); // "<s>I helped the old man.</s>"
 * ```
 */
export const AutoTokenizer = {
  /**
   * @param idOrFolder id of the hub, or a folder with tokenizer.json, vocab.json with merges.txt, or vocab.txt; and
   * tokenizer_config.json where there is one
   * @throws {FileFormatError} a file is missing or broken
   */
  async fromPretrained(idOrFolder: string, options: HubOptions = {}): Promise<Tokenizer> {
    checkOptions("AutoTokenizer.fromPretrained", options, HUB_OPTIONS);
    const files = readTokenizerFiles(await resolveModel(idOrFolder, { ...options, parts: ["tokenizer"] }));
    try {
      return makeTokenizer(files);
    } catch (error) {
      const problem = error instanceof Error ? error.message : error;
      throw new FileFormatError(files.source, `expected a tokenizer, got ${problem}.`);
    }
  },
};

function makeTokenizer({ description, config }: TokenizerFiles): Tokenizer {
  checkTokenizer(description);
  const engine = new Engine(description, config);
  if (isObject(description.normalizer) && description.normalizer.type === "BertNormalizer") {
    engine.normalizer = bertNormalizer(description.normalizer as BertNormalizerOptions) as typeof engine.normalizer;
  }
  const limit = Number(config.model_max_length ?? Number.POSITIVE_INFINITY);
  const modelMaxLength = limit < NO_LIMIT ? limit : Number.POSITIVE_INFINITY;
  const padTokenId = engine.token_to_id(String(contentOf(config.pad_token) ?? findPadding(engine)));
  const idsOf = textEncoder(engine, description);
  const [single, pair] = [templateOf(engine, 1), templateOf(engine, 2)];

  const encode = (texts: readonly string[], truncation: boolean): { ids: number[]; types: number[] } => {
    const template = texts.length === 1 ? single : pair;
    let bodies = texts.map((text) => (text === "" ? [] : idsOf(text)));
    if (truncation) {
      const room = modelMaxLength - template.filter(({ text }) => text === undefined).length;
      bodies = truncate(bodies, room);
    }
    const parts = template.map(({ id, text, type }) => {
      const ids = text === undefined ? [id as number] : (bodies[text] as number[]);
      return { ids, types: ids.map(() => type) };
    });
    return { ids: parts.flatMap(({ ids }) => ids), types: parts.flatMap(({ types }) => types) };
  };
  const tokenize = (texts: string | readonly string[], options: TokenizeOptions = {}): Encoding => {
    checkOptions("the tokenizer", options, OPTIONS, REFUSED);
    const firsts = typeof texts === "string" ? [texts] : texts;
    // As in Python, an empty string is no second text, but an empty string in a list is one.
    const { textPair = "", truncation = false } = options;
    const seconds = typeof textPair === "string" ? (textPair === "" ? undefined : [textPair]) : textPair;
    if (seconds !== undefined && seconds.length !== firsts.length) {
      throw new RangeError(`\`textPair\`: expected ${firsts.length} texts, got ${seconds.length}.`);
    }
    const rows = firsts.map((text, i) => encode(seconds ? [text, seconds[i] as string] : [text], truncation));
    const inputIds = rows.map(({ ids }) => ids);
    const typed = seconds !== undefined && pair.some(({ type }) => type !== 0);
    const types = typed ? { tokenTypeIds: rows.map((row) => row.types) } : {};
    return { inputIds, attentionMask: inputIds.map((ids) => ids.map(() => 1)), ...types };
  };
  const decode = (ids: readonly number[], given: { skipSpecialTokens?: boolean } = {}): string => {
    checkOptions("decode", given, { skipSpecialTokens: "boolean" });
    if (ids.length === 0) return "";
    const options = { skip_special_tokens: given.skipSpecialTokens ?? false, clean_up_tokenization_spaces: false };
    return engine.decode([...ids], options);
  };
  return Object.assign(tokenize, {
    modelMaxLength,
    vocabSize: engine.get_vocab(true).size,
    padTokenId,
    decode,
    tokens: (ids: readonly number[]): string[] => ids.map((id) => decode([id])),
    pad: (encoding: Encoding): Encoding => padRight(encoding, padTokenId),
    savePretrained: (folder: string): void => {
      writeFileAtomic(join(folder, "tokenizer.json"), `${JSON.stringify(description, null, 2)}\n`);
      writeFileAtomic(join(folder, "tokenizer_config.json"), `${JSON.stringify(config, null, 2)}\n`);
    },
  });
}

/** A part of a row: a special token, or all tokens of a text. */
interface Place {
  /** Id of a special token. */
  id?: number;
  /** Which text: 0 or 1. */
  text?: number;
  /** Token type of all tokens of the part. */
  type: number;
}

/** The order of special tokens and texts in a row of one text or of two, by the tokenizer's post-processor. */
function templateOf(engine: Engine, texts: 1 | 2): Place[] {
  // No vocabulary has these tokens: they stand for the texts.
  const marks = ["\0first", "\0second"].slice(0, texts);
  const [first, second] = marks.map((mark) => [mark]);
  const made: { tokens: string[]; token_type_ids?: number[] } = engine.post_processor?.(
    first as string[],
    second ?? null,
    true,
  ) ?? { tokens: marks };
  // RoBERTa has a single token type, though its post-processor numbers the texts.
  const typed = (engine.post_processor?.config as { type?: string } | undefined)?.type !== "RobertaProcessing";
  return made.tokens.map((token, i): Place => {
    const type = typed ? (made.token_type_ids?.[i] ?? 0) : 0;
    const text = marks.indexOf(token);
    if (text >= 0) return { text, type };
    const id = engine.token_to_id(token);
    if (id === undefined) throw new Error(`a special token ${token} without an id`);
    return { id, type };
  });
}

/** Cuts one text to `room` tokens, or two, the longer one first, as the reference tokenizers do (`longest_first`). */
function truncate(bodies: number[][], room: number): number[][] {
  const lengths = bodies.map((ids) => ids.length);
  const [a = 0, b = 0] = lengths;
  if (a + b <= room) return bodies;
  if (bodies.length === 1) return bodies.map((ids) => ids.slice(0, room));
  const short = Math.min(a, b);
  const long = short > room ? short : Math.max(short, room - short);
  const half = Math.floor(room / 2);
  const [first, second] = short + long > room ? [half, half + (room % 2)] : [short, long];
  const kept = a > b ? [second, first] : [first, second];
  return bodies.map((ids, i) => ids.slice(0, kept[i]));
}

function padRight({ inputIds, attentionMask, tokenTypeIds }: Encoding, padTokenId: number | undefined): Encoding {
  if (padTokenId === undefined) throw new Error("`pad`: expected a padding token in the tokenizer's files, got none.");
  const longest = inputIds.reduce((most, ids) => Math.max(most, ids.length), 0);
  const filled = (rows: number[][], value: number): number[][] =>
    rows.map((row) => [...row, ...Array<number>(longest - row.length).fill(value)]);
  const types = tokenTypeIds === undefined ? {} : { tokenTypeIds: filled(tokenTypeIds, 0) };
  return { inputIds: filled(inputIds, padTokenId), attentionMask: filled(attentionMask, 0), ...types };
}

/** The text of a special token, which a config may wrap in an object. */
function contentOf(token: unknown): unknown {
  return isObject(token) ? token.content : token;
}

function findPadding(engine: Engine): string | undefined {
  return ["<pad>", "[PAD]"].find((token) => engine.token_to_id(token) !== undefined);
}
