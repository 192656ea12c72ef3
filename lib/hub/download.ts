/** Downloads one file of the hub, whole and checked or not at all; a download that was cut off goes on where it stopped. */
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { HubFile } from "./client";
import { lockDownload } from "./download-lock";
import { BrokenAnswer, HubError } from "./error";
import { hashOf } from "./hash";
import { piecesOf } from "./net/answer";
import { Retries } from "./net/retries";
import { claimPart, sizeOf } from "./part";

/** What is to be downloaded. */
export interface Download {
  /** URL of the content. */
  address: string;
  /** Size and hash that the hub announces. */
  file: HubFile;
  /** The file's name in messages. */
  name: string;
  /** Path of the finished file. */
  blob: string;
  /** Path of the lock between processes. */
  lock: string;
  /** `fetch`, but an answer with an error status is thrown. */
  ask: (address: string, options: RequestInit) => Promise<Response>;
  /** Milliseconds to wait for the next bytes. */
  patience: number;
  /** Milliseconds for attempts that bring nothing new. */
  retryFor: number;
  /** Called with the bytes that are on the disk so far. */
  onBytes?: (done: number) => void;
}

const running = new Map<string, Promise<void>>();

/**
 * Downloads a file that is not there yet. Two calls for the same one share the download; of several processes one
 * downloads and the others wait.
 *
 * @throws {HubError} the connection fails again and again, or the content is not what was announced
 */
export async function downloadBlob(download: Download): Promise<void> {
  if (isThere(download)) return;
  const started = running.get(download.blob) ?? fetchAlone(download).finally(() => running.delete(download.blob));
  running.set(download.blob, started);
  await started;
}

/** Whether the blob is there with its size; what has another size is in the way. */
function isThere({ blob, file }: Download): boolean {
  const stats = statSync(blob, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === file.size;
}

async function fetchAlone(download: Download): Promise<void> {
  const { blob, name } = download;
  const lock = await lockDownload(
    download.lock,
    () => isThere(download),
    ({ process, host }) => console.warn(`${name}: process ${process} on ${host} is downloading it; waiting for it.`),
  );
  try {
    if (isThere(download)) return;
    rmSync(blob, { recursive: true, force: true });
    await fetchWhole(download, lock.held);
  } finally {
    lock.release();
  }
}

async function fetchWhole(download: Download, locked: boolean): Promise<void> {
  const { file, name, blob } = download;
  mkdirSync(dirname(blob), { recursive: true });
  const part = claimPart(blob, locked);
  const resumed = sizeOf(part) > 0;
  for (let mayRestart = true; ; mayRestart = false) {
    const pieces = await complete(download, part);
    const digest = hashOf(part, file.hash);
    if (sizeOf(part) === file.size && digest === file.hash) break;
    rmSync(part);
    // Pieces of two versions, or behind a damaged beginning: the whole may be right.
    if ((resumed || pieces > 1) && mayRestart) continue;
    const found = `${digest} (${sizeOf(part)} bytes)`;
    throw new HubError("damaged", `\`${name}\`: expected content with the hash ${file.hash}, got ${found}. Try again.`);
  }
  renameSync(part, blob);
}

/** Fetches the missing bytes, in several attempts where needed. @returns the number of pieces that came */
async function complete(download: Download, part: string): Promise<number> {
  const { file, retryFor } = download;
  const retries = new Retries(retryFor);
  let most = sizeOf(part);
  let pieces = 0;
  while (sizeOf(part) < file.size || !existsSync(part)) {
    const before = sizeOf(part);
    try {
      await append(download, part);
    } catch (error) {
      if (error instanceof HubError && error.details.status === 416) rmSync(part, { force: true });
      else if (!isPassing(error)) throw error;
      if (sizeOf(part) > most) retries.restart();
      most = Math.max(most, sizeOf(part));
      const retryAfter = error instanceof HubError ? error.details.retryAfter : undefined;
      if (!(await retries.wait(retryAfter))) throw givenUp(download, sizeOf(part), error as Error);
    } finally {
      if (sizeOf(part) !== before) pieces++;
    }
  }
  return pieces;
}

/** Whether another attempt may succeed; not for errors of the disk, say. */
function isPassing(error: unknown): boolean {
  return error instanceof BrokenAnswer || (error instanceof HubError && error.reason === "unreachable");
}

function givenUp({ name, file }: Download, done: number, error: Error): HubError {
  if (done === 0 && error instanceof HubError) return error;
  const { status } = error instanceof HubError ? error.details : {};
  const end = error instanceof HubError ? (status === undefined ? "no connection" : `HTTP ${status}`) : error.message;
  const remedy = done > 0 ? "Run it again: the download goes on from there." : "Check the network, and run it again.";
  const message = `\`${name}\`: expected ${file.size} bytes, got ${done} and then ${end}. ${remedy}`;
  return new HubError("unreachable", message, { passing: true });
}

/** Appends the missing bytes to the part; a server without ranges sends the whole file again. */
async function append({ address, ask, file, patience, onBytes }: Download, part: string): Promise<void> {
  const start = sizeOf(part);
  const range: Record<string, string> = start > 0 ? { Range: `bytes=${start}-` } : {};
  const response = await ask(address, { headers: { "Accept-Encoding": "identity", ...range } });
  const goesOn = response.status === 206 && response.headers.get("Content-Range")?.startsWith(`bytes ${start}-`);
  if (response.status === 206 && !goesOn) {
    await response.body?.cancel();
    rmSync(part, { force: true });
    throw new BrokenAnswer("another range than was asked for");
  }
  let done = goesOn ? start : 0;
  const count = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOf(response, patience)) {
      done += piece.length;
      onBytes?.(Math.min(done, file.size));
      yield piece;
      if (done > file.size) return;
    }
  };
  await pipeline(count, createWriteStream(part, { flags: goesOn ? "a" : "w", flush: true }));
  if (done < file.size) throw new BrokenAnswer("the end of the answer");
}
