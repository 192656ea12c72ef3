/** Judges texts as they come in, and writes an answer to each. */
import { once } from "node:events";
import { classify } from "../../lib/evaluate/predict";
import { answerLine, type Format, headLine } from "./answers";
import type { NamedModel } from "./model-options";
import { openModel } from "./open-model";

/** Texts of one call of the model. */
const AT_ONCE = 64;

/**
 * Writes the answers to standard output, and everything that the library says to standard error.
 * @param pieces of a text that has a line for each text to judge
 */
export async function predictTexts(
  named: NamedModel,
  pieces: AsyncIterable<string> | Iterable<string>,
  format: Format,
): Promise<void> {
  console.log = console.error;
  const { model, tokenizer } = await openModel(named);
  const labelNames = model.config.id2label;
  await write(headLine(format));
  for await (const texts of batches(pieces)) {
    const answers = await classify(model, tokenizer, texts);
    await write(answers.map((a, i) => answerLine({ ...a, text: texts[i] as string, labelNames }, format)).join(""));
  }
}

/** The lines of what has come, so that who types line by line is answered line by line. */
async function* batches(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let rest = "";
  let waiting: string[] = [];
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? "";
    waiting.push(...lines.map(plain).filter(Boolean));
    while (waiting.length > 0) {
      yield waiting.slice(0, AT_ONCE);
      waiting = waiting.slice(AT_ONCE);
    }
  }
  if (plain(rest) !== "") yield [plain(rest)];
}

/** Without a byte order mark and white space at its ends. */
const plain = (line: string): string => line.replace(/^\uFEFF/, "").trim();

async function write(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}
