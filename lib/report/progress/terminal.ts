/** Progress lines in a terminal, or in a file. */

/** Breaks a line between its parts, so that no piece exceeds the width; a longer part is cut. */
export function wrap(line: string, width: number): string[] {
  const pieces: string[] = [];
  for (const part of line.split(" · ")) {
    const joined = pieces.length > 0 ? `${pieces.at(-1)} · ${part}` : part;
    if (pieces.length > 0 && joined.length <= width) pieces[pieces.length - 1] = joined;
    else pieces.push(part.slice(0, width));
  }
  return pieces;
}

/** A line that is rewritten in a terminal, over several rows if needed; elsewhere a plain line now and then. */
export class ProgressLine {
  /** Whether lines can be rewritten. */
  readonly live = process.stdout.isTTY === true;
  readonly #pauseMs: number;
  #last = "";
  #at = 0;
  /** Terminal rows that the line occupies. */
  #height = 0;

  /** @param pauseMs least time between two plain lines (default 15 s) */
  constructor(pauseMs = 15_000) {
    this.#pauseMs = pauseMs;
  }

  /** Shows the line; without a terminal it is skipped soon after the last one, unless `now`. */
  update(line: string, now: boolean): void {
    if (line === this.#last) return;
    if (this.live) {
      const pieces = wrap(line, (process.stdout.columns ?? 80) - 1);
      process.stdout.write(`${this.#erase()}${pieces.join("\n")}`);
      this.#height = pieces.length;
    } else if (now || Date.now() - this.#at >= this.#pauseMs) process.stdout.write(`${line}\n`);
    else return;
    this.#last = line;
    this.#at = Date.now();
  }

  /** Prints a line that stays. */
  keep(line: string): void {
    process.stdout.write(this.live ? `${this.#erase()}${line}\n` : `${line}\n`);
    this.#last = "";
  }

  /** Erases the rewritten line. */
  end(): void {
    if (this.live) process.stdout.write(this.#erase());
  }

  /** Moves to the first of the rows and clears the screen from there. */
  #erase(): string {
    const up = "\u001b[1A".repeat(Math.max(0, this.#height - 1));
    this.#height = 0;
    return `\r${up}\u001b[J`;
  }
}
