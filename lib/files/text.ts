/** Reads text files strictly: bytes that are not the encoding's are an error, not a replacement character. */
import { constants, isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { fileSize } from "./bytes";
import { FileFormatError } from "./errors";

/** How the bytes of a text file are read. */
export type TextEncoding = "utf-8" | "latin1";

/**
 * Reads a whole text file, without a byte order mark.
 *
 * @param encoding default "utf-8"
 * @throws {FileFormatError} there is no such file, it is longer than a string can be, or is not UTF-8: line and byte are named
 */
export function readText(path: string, encoding: TextEncoding = "utf-8"): string {
  if (fileSize(path) > constants.MAX_STRING_LENGTH) {
    throw new FileFormatError(path, `expected at most ${constants.MAX_STRING_LENGTH} bytes, got ${fileSize(path)}.`);
  }
  const bytes = readFileSync(path);
  if (encoding === "latin1") return bytes.toString("latin1");
  if (!isUtf8(bytes)) throw new FileFormatError(path, notUtf8(bytes));
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

/** Says where the first bytes are that cannot be part of UTF-8. */
function notUtf8(bytes: Buffer): string {
  const at = firstWrongByte(bytes);
  let line = 1;
  for (let end = bytes.indexOf("\n"); end >= 0 && end < at; end = bytes.indexOf("\n", end + 1)) line++;
  const byte = bytes.toString("hex", at, at + 1).toUpperCase();
  return `line ${line}, byte ${at} of the file: expected UTF-8, got 0x${byte}. Save it as UTF-8, or name its encoding: \`encoding: "latin1"\`.`;
}

function firstWrongByte(bytes: Buffer): number {
  for (let start = 0; ; ) {
    let end = Math.min(start + 2 ** 16, bytes.length);
    // Not within a character, whose bytes behind the first begin with the bits 10.
    for (let i = 0; i < 3 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80; i++) end--;
    const piece = bytes.subarray(start, end);
    if (isUtf8(piece)) {
      start = end;
      continue;
    }
    // The decoder puts a replacement character in the place of wrong bytes: there the two part.
    const decoded = Buffer.from(piece.toString("utf8"));
    const at = piece.findIndex((byte, i) => byte !== decoded[i]);
    return start + (at < 0 ? piece.length - 1 : at);
  }
}
