/** Reads byte ranges of large files. */
import type { Hash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { FileFormatError } from "./errors";

const MAX_READ_BYTES = 2 ** 30;

/**
 * @returns the bytes from `start` on, in a buffer of their own
 * @throws {FileFormatError} the file cannot be read or ends earlier
 */
export function readRange(path: string, start: number, size: number): ArrayBuffer {
  const bytes = new ArrayBuffer(size);
  readInto(path, start, new Uint8Array(bytes));
  return bytes;
}

/** Fills a buffer with the bytes from `start` on; errors as {@link readRange}. */
export function readInto(path: string, start: number, target: Uint8Array): void {
  const descriptor = openFile(path);
  try {
    for (let done = 0; done < target.length; ) {
      const size = Math.min(target.length - done, MAX_READ_BYTES);
      const count = readSync(descriptor, target, done, size, start + done);
      if (count === 0) throw new FileFormatError(path, `expected bytes up to ${start + target.length}, got fewer.`);
      done += count;
    }
  } finally {
    closeSync(descriptor);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch {
    throw new FileFormatError(path, "expected a file that can be read, got none.");
  }
}

/** @returns the bytes of a file @throws {FileFormatError} there is no such file */
export function fileSize(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new FileFormatError(path, `expected a file, got ${stats ? "something else" : "none"}.`);
  return stats.size;
}

/** Adds a file's bytes to a digest, a piece at a time; errors are the system's. @returns it in hexadecimal digits */
export function digestFile(path: string, digest: Hash): string {
  const piece = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(path, "r");
  try {
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece)) {
      digest.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return digest.digest("hex");
}
