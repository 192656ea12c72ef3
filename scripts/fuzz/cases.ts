/** Runs cases one after the other, in this process. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FORMATS, type Format } from "./formats";
import { mutate } from "./mutate";
import { Choices } from "./random";

/** No case takes longer. */
export const MOST_MS = 2000;

/** Some cases of one format. */
export interface Batch {
  format: string;
  seed: number;
  /** Number of the first case. */
  from: number;
  count: number;
}

/** A case that did something other than to be read or refused. */
export interface Finding {
  number: number;
  problem: string;
}

/** The bytes of a case. */
export function caseBytes({ format, seed }: Pick<Batch, "format" | "seed">, number: number): Buffer {
  return mutate((FORMATS[format] as Format).seeds, new Choices(seed, number));
}

/**
 * Reads each case of a batch in a folder of its own.
 *
 * @param before is called with the number of each case before it is read
 */
export async function runCases(batch: Batch, folder: string, before = (_case: number): void => {}): Promise<Finding[]> {
  const format = FORMATS[batch.format] as Format;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, format.file);
  const findings: Finding[] = [];
  for (let number = batch.from; number < batch.from + batch.count; number++) {
    writeFileSync(file, caseBytes(batch, number));
    before(number);
    const problem = await verdict(format, file);
    if (problem !== undefined) findings.push({ number, problem });
  }
  return findings;
}

/** What is wrong with the way in which a file is read, if anything is. */
export async function verdict(format: Format, file: string): Promise<string | undefined> {
  const start = performance.now();
  const memory = process.resourceUsage().maxRSS;
  try {
    await format.read(file);
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    if (name !== "FileFormatError") return `${stack}`;
    if (message.length > 10_000) return `a message of ${message.length} characters`;
  }
  const ms = performance.now() - start;
  if (ms > MOST_MS) return `${Math.round(ms)} ms`;
  const grown = (process.resourceUsage().maxRSS - memory) * 1024;
  return grown > 4 * readFileSync(file).length + 2 ** 26 ? `${grown} bytes of memory` : undefined;
}
