/** Measures the seconds of a training over all its resumptions. */
import type { TrainerCallback } from "../train/callbacks";

/** Counts the seconds of a training; work after the last checkpoint before a resumption does not count. */
export class TrainingClock implements TrainerCallback {
  #before = 0;
  #since: number | undefined;

  get seconds(): number {
    return this.#before + (this.#since === undefined ? 0 : (performance.now() - this.#since) / 1000);
  }

  onTrainBegin(): void {
    this.#since = performance.now();
  }

  onTrainEnd(): void {
    this.#before = this.seconds;
    this.#since = undefined;
  }

  saveState(): Record<string, unknown> {
    return { seconds: this.seconds };
  }

  loadState({ seconds }: Record<string, unknown>): void {
    this.#before = Number(seconds);
  }
}
