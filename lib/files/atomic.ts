/** Files that are there whole or not at all: written beside their place, then renamed into it. */
import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Writes a file so that no reader ever sees half of it.
 *
 * @param file its final place; the folder is made when missing
 * @param content text, bytes or pieces of bytes in order
 */
export function writeFileAtomic(file: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const pieces = typeof content === "string" ? [Buffer.from(content)] : content;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.part`;
  const descriptor = fs.openSync(beside, "w");
  try {
    for (const piece of pieces instanceof Uint8Array ? [pieces] : pieces) writeFully(descriptor, piece);
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
    fs.renameSync(beside, file);
  } catch (error) {
    closeQuietly(descriptor);
    fs.rmSync(beside, { force: true });
    throw error;
  }
}

function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(descriptor, bytes, done, bytes.length - done);
}

function closeQuietly(descriptor: number): void {
  try {
    fs.closeSync(descriptor);
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
  fs.rmSync(beside, { recursive: true, force: true });
  fs.mkdirSync(beside, { recursive: true });
  try {
    fill(beside);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(beside, folder);
  } catch (error) {
    fs.rmSync(beside, { recursive: true, force: true });
    throw error;
  }
}

/** Removes a folder; one that is half removed is not found at its place. */
export function removeFolderAtomic(folder: string): void {
  const beside = `${folder}.old.part`;
  fs.rmSync(beside, { recursive: true, force: true });
  fs.renameSync(folder, beside);
  fs.rmSync(beside, { recursive: true, force: true });
}
