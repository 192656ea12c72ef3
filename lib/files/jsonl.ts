/** Reads JSONL files: a JSON object a line. */
import { FileFormatError } from "./errors";
import { isObject, type JsonObject } from "./json";
import { readText, type TextEncoding } from "./text";

/**
 * Reads a JSONL file. Empty lines are skipped.
 *
 * @returns the objects, and the line of each, from 1
 * @throws {FileFormatError} the file is missing, empty or not of its encoding, or a line is not a JSON object: it is named
 */
export function readJsonl(
  path: string,
  options: { encoding?: TextEncoding } = {},
): { rows: JsonObject[]; lines: number[] } {
  const rows: JsonObject[] = [];
  const lines: number[] = [];
  const texts = readText(path, options.encoding).split("\n");
  for (const [i, text] of texts.entries()) {
    if (text.trim() === "") continue;
    rows.push(parseLine(text, path, i + 1));
    lines.push(i + 1);
  }
  if (rows.length === 0) throw new FileFormatError(path, "expected rows, got an empty file.");
  return { rows, lines };
}

function parseLine(text: string, path: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileFormatError(path, `line ${line}: expected a JSON object, got ${reason}.`);
  }
  if (isObject(value)) return value;
  throw new FileFormatError(path, `line ${line}: expected a JSON object, got ${text.trim().slice(0, 40)}.`);
}
