/** Reads Parquet files, in a thread of its own: a broken file cannot take more time or memory than its size allows. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { fileSize } from "../bytes";
import { FileFormatError } from "../errors";
import { isObject } from "../json";

/** The rows of a Parquet file. */
export interface ParquetTable {
  columns: string[];
  rows: Record<string, unknown>[];
  /** Names of the values of a column, where Hugging Face's datasets noted them: value 0 first. */
  classNames: Record<string, readonly string[]>;
}

/** What is read of a file: columns, rows, and what Hugging Face's datasets noted in it, as JSON. */
export type ParquetContent = Pick<ParquetTable, "columns" | "rows"> & { notes: string | undefined };

/** What the thread says: first that it begins, then what it has read. */
export type ParquetMessage = "begun" | ParquetContent | { problem: string };

/** A file's loops and lists may be as long as a few damaged bytes say, and the reader believes them. */
const limitsOf = (size: number) => ({
  milliseconds: 1_500 + size / 2_000,
  memory: { maxOldGenerationSizeMb: 20 + Math.ceil((size * 64) / 2 ** 20), maxYoungGenerationSizeMb: 4 },
});

/**
 * Reads a whole Parquet file, in any of the usual compressions. Integers of 64 bits are bigint.
 *
 * @throws {FileFormatError} the file is missing, broken or without rows, or takes far more time or memory than its size lets
 * expect: 1.5 seconds and 0.5 seconds a megabyte, 20 megabytes and 64 times its size
 */
export async function readParquet(path: string): Promise<ParquetTable> {
  const { columns, rows, notes } = await readInThread(path);
  try {
    if (rows.length === 0) throw new Error("no rows");
    return { columns, rows, classNames: classNamesOf(notes) };
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
}

async function readInThread(path: string): Promise<ParquetContent> {
  const { milliseconds, memory } = limitsOf(fileSize(path));
  const worker = new Worker(join(__dirname, "thread.js"), { workerData: path, resourceLimits: memory });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const fail = (problem: string): void => reject(unreadable(path, problem));
      worker.on("error", ({ message }) => fail(message));
      worker.on("exit", () => fail("one whose reader ended"));
      worker.on("message", (message: ParquetMessage) => {
        if (message === "begun") timer = setTimeout(() => fail("one that takes too long for its size"), milliseconds);
        else if ("problem" in message) fail(message.problem);
        else resolve(message);
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const unreadable = (path: string, problem: string): FileFormatError =>
  new FileFormatError(path, `expected a Parquet file with rows, got ${problem}.`);

function classNamesOf(notes: string | undefined): Record<string, readonly string[]> {
  const parsed: unknown = notes === undefined ? undefined : JSON.parse(notes);
  const info = isObject(parsed) ? parsed.info : undefined;
  const features = isObject(info) && isObject(info.features) ? info.features : {};
  const named = Object.entries(features).flatMap(([column, feature]): [string, string[]][] => {
    const names = isObject(feature) ? feature.names : undefined;
    return Array.isArray(names) ? [[column, names.map(String)]] : [];
  });
  return Object.fromEntries(named);
}
