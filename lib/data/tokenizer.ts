/** Texts to token ids, by @huggingface/tokenizers; truncation and batches are ours. */
import * as path from "node:path";
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { FileFormatError } from "../files/errors";
import { type JsonObject, readJson } from "../files/json";

/** How texts are tokenized. */
export interface TokenizeOptions {
  /** Cut rows to `modelMaxLength` tokens, the closing token kept (default false). */
  truncation?: boolean;
}

/** Token ids of texts, a row each; nothing is padded. */
export interface Encoding {
  inputIds: number[][];
  /** All 1: without padding every token counts. */
  attentionMask: number[][];
}

/** A tokenizer is called like a function. */
export interface Tokenizer {
  (texts: string | readonly string[], options?: TokenizeOptions): Encoding;
  /** Longest row that the model takes, in tokens; infinite when the files do not say. */
  readonly modelMaxLength: number;
  /** Number of tokens. */
  readonly vocabSize: number;
  /** Ids back to text; special tokens are kept unless `skipSpecialTokens` is true. */
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** The text of each token. */
  tokens(ids: readonly number[]): string[];
}

/** Above this a limit in the files means "none". */
const NO_LIMIT = 1e15;

/** Loads tokenizers from Hugging Face folders. */
export const AutoTokenizer = {
  /**
   * @param folder holds tokenizer.json and tokenizer_config.json
   * @throws {FileFormatError} a file is missing or broken
   */
  async fromPretrained(folder: string): Promise<Tokenizer> {
    const file = path.join(folder, "tokenizer.json");
    const description = readJson(file);
    const config = readJson(path.join(folder, "tokenizer_config.json"));
    try {
      return makeTokenizer(description, config);
    } catch (error) {
      throw new FileFormatError(file, `expected a tokenizer, got ${error instanceof Error ? error.message : error}.`);
    }
  },
};

function makeTokenizer(description: JsonObject, config: JsonObject): Tokenizer {
  const engine = new Engine(description, config);
  const limit = Number(config.model_max_length ?? Number.POSITIVE_INFINITY);
  const modelMaxLength = limit < NO_LIMIT ? limit : Number.POSITIVE_INFINITY;
  const { before, after } = specialTokens(engine);

  const encode = (text: string, truncation: boolean): number[] => {
    const ids: number[] = engine.encode(text, { add_special_tokens: false }).ids;
    const room = modelMaxLength - before.length - after.length;
    return [...before, ...(truncation && ids.length > room ? ids.slice(0, room) : ids), ...after];
  };
  const tokenize = (texts: string | readonly string[], options: TokenizeOptions = {}): Encoding => {
    const list = typeof texts === "string" ? [texts] : texts;
    const inputIds = list.map((text) => encode(text, options.truncation ?? false));
    return { inputIds, attentionMask: inputIds.map((ids) => ids.map(() => 1)) };
  };
  const decode = (ids: readonly number[], { skipSpecialTokens = false } = {}): string => {
    if (ids.length === 0) return "";
    const options = { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false };
    return engine.decode([...ids], options);
  };
  return Object.assign(tokenize, {
    modelMaxLength,
    vocabSize: engine.get_vocab(true).size,
    decode,
    tokens: (ids: readonly number[]): string[] => ids.map((id) => decode([id])),
  });
}

/** The tokens that the post-processor puts around one text. */
function specialTokens(engine: Engine): { before: number[]; after: number[] } {
  const all: number[] = engine.encode("a").ids;
  const body: number[] = engine.encode("a", { add_special_tokens: false }).ids;
  const start = all.findIndex((_, i) => body.every((id, k) => all[i + k] === id));
  return { before: all.slice(0, start), after: all.slice(start + body.length) };
}
