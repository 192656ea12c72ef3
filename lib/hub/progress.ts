/** The progress of downloads as lines of text. */

/** How far the download of a file is. */
export interface DownloadProgress {
  /** E.g. "FacebookAI/roberta-large". */
  repository: string;
  /** Path inside the repository. */
  file: string;
  /** Bytes that have come. */
  done: number;
  /** Bytes of the whole file. */
  total: number;
}

/** Bytes below which a file is downloaded without a line. */
const WORTH_A_LINE = 5e6;

/**
 * Makes an `onProgress` that prints a line when the download of a large file begins, and one at each quarter of it.
 *
 * @param print takes a line (default: console.log)
 */
export function printDownloads(print: (line: string) => void = console.log): (progress: DownloadProgress) => void {
  const quarters = new Map<string, number>();
  return ({ repository, file, done, total }) => {
    if (total < WORTH_A_LINE) return;
    const name = `${repository}: ${file}`;
    const quarter = Math.floor((4 * done) / total);
    if (quarter === quarters.get(name)) return;
    const begins = !quarters.has(name);
    quarters.set(name, quarter);
    print(`${name}: ${begins ? "downloading" : `${25 * quarter} % of`} ${Math.round(total / 1e6)} MB`);
  };
}
