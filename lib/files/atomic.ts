/** Writes files, folders and ends of files whole or not at all. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file so that no reader ever sees half of it.
 *
 * @param file its final place; folders that are missing are made
 * @param content text, bytes, or pieces of bytes in order
 */
export function writeFileAtomic(file: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const pieces = typeof content === "string" ? [Buffer.from(content)] : content;
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.part`;
  const descriptor = openSync(beside, "w");
  try {
    for (const piece of pieces instanceof Uint8Array ? [pieces] : pieces) writeFully(descriptor, piece);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(beside, file);
    syncFolder(dirname(file));
  } catch (error) {
    closeQuietly(descriptor);
    rmSync(beside, { force: true });
    throw withDiskAdvice(error, file);
  }
}

/**
 * Adds to the end of a file that one process writes; on a full disk the file stays as long as it was.
 *
 * @param file is made where it is missing, its folder is not
 */
export function appendFileWhole(file: string, content: string | Uint8Array): void {
  const descriptor = openSync(file, "a");
  const { size } = fstatSync(descriptor);
  try {
    writeFully(descriptor, Buffer.from(content));
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw withDiskAdvice(error, file);
  } finally {
    closeSync(descriptor);
  }
}

/** What a full disk means, in words; any other error as it is. */
export function withDiskAdvice(error: unknown, place: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  const message = `${place}: expected room on the disk for it, got a full one (${code}). Nothing was changed; make room and go on.`;
  return Object.assign(new Error(message, { cause: error }), { code });
}

/** Makes a new name in a folder last through a power failure; Windows cannot, and need not. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It was closed before the rename failed.
  }
}

/**
 * Makes a folder whole or not at all: `fill` writes into one beside it, which then takes its place.
 *
 * @param folder its final place; what stood there is replaced
 * @param fill writes the content into the folder it is given
 */
export function writeFolderAtomic(folder: string, fill: (beside: string) => void): void {
  const beside = `${folder}.${process.pid}.part`;
  rmSync(beside, { recursive: true, force: true });
  try {
    mkdirSync(beside, { recursive: true });
    fill(beside);
    if (existsSync(folder)) removeFolderAtomic(folder);
    renameSync(beside, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    throw withDiskAdvice(error, folder);
  }
}

/** Removes a folder: first it leaves its place, so that a half removed one is never found there. */
export function removeFolderAtomic(folder: string): void {
  const beside = `${folder}.old.part`;
  rmSync(beside, { recursive: true, force: true });
  renameSync(folder, beside);
  rmSync(beside, { recursive: true, force: true });
}
