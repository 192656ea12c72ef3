/** Downloads one file of the hub, whole and checked or not at all; a download that was cut off goes on where it stopped. */
import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../process/alive";
import type { HubFile } from "./client";
import { HubError } from "./error";

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
  /** `fetch`, but an answer with an error status is thrown. */
  ask: (address: string, options: RequestInit) => Promise<Response>;
  /** Called with the bytes that are on the disk so far. */
  onBytes?: (done: number) => void;
}

/** Attempts in a row that bring nothing new before a download is given up. */
const ATTEMPTS = 4;

const running = new Map<string, Promise<void>>();

/**
 * Downloads a file that is not there yet; two calls for the same one share the download.
 *
 * @throws {HubError} the connection fails again and again, or the content is not what was announced
 */
export async function downloadBlob(download: Download): Promise<void> {
  if (existsSync(download.blob)) return;
  const started = running.get(download.blob) ?? fetchWhole(download).finally(() => running.delete(download.blob));
  running.set(download.blob, started);
  await started;
}

async function fetchWhole(download: Download): Promise<void> {
  const { file, name, blob } = download;
  mkdirSync(dirname(blob), { recursive: true });
  const part = claimPart(blob);
  let most = sizeOf(part);
  for (let failures = 0; sizeOf(part) < file.size || !existsSync(part); ) {
    try {
      await append(download, part);
    } catch (error) {
      // A body that breaks off is a TypeError of fetch; errors of the disk are not.
      const passing = error instanceof TypeError || (error instanceof HubError && error.reason === "unreachable");
      failures = sizeOf(part) > most ? 1 : failures + 1;
      most = Math.max(most, sizeOf(part));
      if (!passing) throw error;
      if (failures >= ATTEMPTS) throw cutOff(download, most, error);
      await pause(100 * 4 ** (failures - 1));
    }
  }
  const digest = await digestOf(part, file);
  if (sizeOf(part) !== file.size || digest !== file.hash) {
    rmSync(part);
    throw new HubError(
      "damaged",
      `\`${name}\`: expected content with the hash ${file.hash}, got ${digest}. Try again.`,
    );
  }
  renameSync(part, blob);
}

function cutOff({ name, file }: Download, done: number, error: HubError | TypeError): Error {
  if (done === 0) return error;
  const remedy = "Run it again: the download goes on from there.";
  return new HubError("unreachable", `\`${name}\`: expected ${file.size} bytes, got ${done} before the end. ${remedy}`);
}

/** Appends the missing bytes to the part; a server without ranges sends the whole file again. */
async function append({ address, ask, file, onBytes }: Download, part: string): Promise<void> {
  const start = sizeOf(part);
  const range: Record<string, string> = start > 0 ? { Range: `bytes=${start}-` } : {};
  const response = await ask(address, { headers: { "Accept-Encoding": "identity", ...range } });
  const goesOn = response.status === 206 && response.headers.get("Content-Range")?.startsWith(`bytes ${start}-`);
  if (response.status === 206 && !goesOn) throw new TypeError("expected the range that was asked for, got another.");
  let done = goesOn ? start : 0;
  const content = Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>);
  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      done += chunk.length;
      onBytes?.(Math.min(done, file.size));
      yield chunk;
      if (done > file.size) return;
    }
  };
  await pipeline(content, count, createWriteStream(part, { flags: goesOn ? "a" : "w" }));
  if (done < file.size) throw new TypeError("expected more bytes, got the end of the answer.");
}

/**
 * The unfinished file that this process writes: its own, or one that a process left which is gone.
 *
 * Renaming is what claims it: of two processes only one succeeds, and nobody else writes into what is checked and kept.
 */
function claimPart(blob: string): string {
  const own = `${blob}.${process.pid}.incomplete`;
  if (existsSync(own)) return own;
  for (const name of readdirSync(dirname(blob))) {
    const owner = name.startsWith(`${basename(blob)}.`) ? /\.(\d+)\.incomplete$/.exec(name)?.[1] : undefined;
    if (owner === undefined || isAlive(Number(owner))) continue;
    try {
      renameSync(join(dirname(blob), name), own);
      return own;
    } catch {
      // Another process was faster.
    }
  }
  return own;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** SHA-256, or git's hash of a file: SHA-1 over "blob", the size and the content. */
async function digestOf(file: string, { hash }: HubFile): Promise<string> {
  const digest = createHash(hash.length === 64 ? "sha256" : "sha1");
  if (hash.length === 40) digest.update(`blob ${sizeOf(file)}\0`);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) digest.update(chunk as Buffer);
  return digest.digest("hex");
}
