/** Reads parts of large files. */
import * as fs from "node:fs";
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

/** As {@link readRange}, into a buffer that is there; fills it. */
export function readInto(path: string, start: number, target: Uint8Array): void {
  const descriptor = openFile(path);
  try {
    for (let done = 0; done < target.length; ) {
      const size = Math.min(target.length - done, MAX_READ_BYTES);
      const count = fs.readSync(descriptor, target, done, size, start + done);
      if (count === 0) throw new FileFormatError(path, `expected bytes up to ${start + target.length}, got fewer.`);
      done += count;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function openFile(path: string): number {
  try {
    return fs.openSync(path, "r");
  } catch {
    throw new FileFormatError(path, "expected a file that can be read, got none.");
  }
}

/** Size of a file in bytes. @throws {FileFormatError} there is no such file */
export function fileSize(path: string): number {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw new FileFormatError(path, `expected a file, got ${stats ? "something else" : "none"}.`);
  return stats.size;
}
