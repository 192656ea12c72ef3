/** Progress in a terminal: one line that is rewritten, or where there is no terminal a plain line now and then. */
export class ProgressLine {
  readonly #live = process.stdout.isTTY === true;
  readonly #pauseMs: number;
  #last = "";
  #at = 0;

  /** @param pauseMs milliseconds between two plain lines */
  constructor(pauseMs = 15_000) {
    this.#pauseMs = pauseMs;
  }

  /** Shows where the run is; `now` for a line that is not to be left out. */
  update(line: string, now: boolean): void {
    if (line === this.#last) return;
    if (this.#live) process.stdout.write(`\r\u001b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`);
    else if (now || Date.now() - this.#at >= this.#pauseMs) process.stdout.write(`${line}\n`);
    else return;
    this.#last = line;
    this.#at = Date.now();
  }

  /** Prints a line that stays. */
  keep(line: string): void {
    process.stdout.write(this.#live ? `\r\u001b[K${line}\n` : `${line}\n`);
    this.#last = "";
  }

  /** Ends the line under way. */
  end(): void {
    if (this.#live) process.stdout.write("\r\u001b[K");
  }
}
