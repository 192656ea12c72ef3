/** Reads a JSON file that must hold an object. */
import { FileFormatError } from "./errors";
import { readText } from "./text";

/** A JSON object whose fields are not checked yet. */
export type JsonObject = Record<string, unknown>;

/**
 * @returns the object in the file
 * @throws {FileFormatError} the file is missing, is not JSON or holds something else
 */
export function readJson(path: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof FileFormatError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileFormatError(path, `expected a JSON file, got ${reason}.`);
  }
  if (!isObject(value)) throw new FileFormatError(path, `expected a JSON object, got ${describe(value)}.`);
  return value;
}

/** The name that Python's files give a field of ours. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Our name of a field in Python's files. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** True for `{…}`, not for an array or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
