/** Reads Parquet files. */
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { fileSize, readRange } from "./bytes";
import { FileFormatError } from "./errors";
import { isObject } from "./json";

/** The rows of a Parquet file. */
export interface ParquetTable {
  columns: string[];
  rows: Record<string, unknown>[];
  /** Names of the values of a column, where Hugging Face's datasets noted them: value 0 first. */
  classNames: Record<string, readonly string[]>;
}

/**
 * Reads a whole Parquet file, in any of the usual compressions. Integers of 64 bits are bigint.
 *
 * @throws {FileFormatError} the file is missing, broken or without rows
 */
export async function readParquet(path: string): Promise<ParquetTable> {
  const size = fileSize(path);
  const over = new AbortController();
  try {
    const failure = new Promise<never>((_, reject) => {
      over.signal.addEventListener("abort", () => reject(over.signal.reason));
    });
    return await Promise.race([failure, readAll(laterBuffer(path, size, over))]);
  } catch (error) {
    over.abort(error);
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileFormatError(path, `expected a Parquet file with rows, got ${reason}.`);
  }
}

async function readAll(file: AsyncBuffer): Promise<ParquetTable> {
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  const rows = await parquetReadObjects({ file, metadata, compressors });
  if (rows.length === 0) throw new Error("no rows");
  const notes = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  return { columns, rows, classNames: classNamesOf(notes) };
}

/**
 * A file whose bytes come once all of its columns are asked for, and never after an error. hyparquet asks for several
 * parts at a time and does not always wait for all of them: the error of one that nobody waits for would end the process.
 *
 * @param over is aborted with the error
 */
function laterBuffer(path: string, byteLength: number, over: AbortController): AsyncBuffer {
  const slice = (start: number, end = byteLength): Promise<ArrayBuffer> =>
    new Promise((resolve) => {
      setImmediate(() => {
        if (over.signal.aborted) return;
        try {
          const from = start < 0 ? byteLength + start : start;
          if (from < 0 || end < from || end > byteLength) throw new RangeError("bytes outside of the file");
          resolve(readRange(path, from, end - from));
        } catch (error) {
          over.abort(error);
        }
      });
    });
  return { byteLength, slice };
}

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
