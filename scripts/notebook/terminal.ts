/** Breaks a line between its parts, so that no piece is wider than a terminal; a part that is wider is cut. */
export function wrap(line: string, width: number): string[] {
  const pieces: string[] = [];
  for (const part of line.split(" · ")) {
    const joined = pieces.length > 0 ? `${pieces.at(-1)} · ${part}` : part;
    if (pieces.length > 0 && joined.length <= width) pieces[pieces.length - 1] = joined;
    else pieces.push(part.slice(0, width));
  }
  return pieces;
}

/** Progress in a terminal: a line or two that are rewritten, or where there is no terminal a plain line now and then. */
export class ProgressLine {
  readonly #live = process.stdout.isTTY === true;
  readonly #pauseMs: number;
  #last = "";
  #at = 0;
  /** Terminal lines that the progress takes now. */
  #height = 0;

  /** @param pauseMs milliseconds between two plain lines */
  constructor(pauseMs = 15_000) {
    this.#pauseMs = pauseMs;
  }

  /** Shows where the run is; `now` for a line that is not to be left out. */
  update(line: string, now: boolean): void {
    if (line === this.#last) return;
    if (this.#live) {
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
    process.stdout.write(this.#live ? `${this.#erase()}${line}\n` : `${line}\n`);
    this.#last = "";
  }

  /** Ends the line under way. */
  end(): void {
    if (this.#live) process.stdout.write(this.#erase());
  }

  /** Moves to the first of the lines and clears the screen from there. */
  #erase(): string {
    const up = "\u001b[1A".repeat(Math.max(0, this.#height - 1));
    this.#height = 0;
    return `\r${up}\u001b[J`;
  }
}
