/** Pauses between attempts: each longer than the last, of random length, and limited in all. */
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

/** Attempts at one thing. */
export class Retries {
  readonly #budget: number;
  #failures = 0;
  #end: number | undefined;

  /** @param budget milliseconds from the first failure to the last attempt */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** An attempt brought something: the next failure counts as the first. */
  restart(): void {
    this.#failures = 0;
    this.#end = undefined;
  }

  /**
   * Waits after a failed attempt.
   *
   * @param retryAfter milliseconds that the server asks to wait
   * @returns false where no attempt is left in the time
   */
  async wait(retryAfter = 0): Promise<boolean> {
    const now = performance.now();
    this.#end ??= now + this.#budget;
    // With a minute in all: about 0.5, 1, 2, 4, 8 and then 10 s.
    const usual = Math.min((this.#budget / 120) * 2 ** this.#failures++, this.#budget / 6);
    // Many processes that failed at the same moment must not come back at the same moment.
    const length = retryAfter + (usual * randomInt(50, 150)) / 100;
    if (now + length >= this.#end) return false;
    await pause(length);
    return true;
  }
}

/** Reads a Retry-After header: seconds or a date. @returns milliseconds, undefined where it says neither */
export function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get("Retry-After");
  if (text === null) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
