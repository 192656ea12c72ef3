/** Smooths the loss in curves and progress. */

/** Weight of a new value; the mean of the earlier ones has the rest. */
const SMOOTHING = 0.2;

/** An exponential moving mean, corrected for its start as in Adam, so that the first value is taken as it is. */
export class Smoothed {
  #sum = 0;
  #weight = 0;

  /**
   * Adds a value, unless it is not a number.
   * @returns the mean
   */
  add(value: number): number {
    if (Number.isFinite(value)) {
      this.#sum = (1 - SMOOTHING) * this.#sum + SMOOTHING * value;
      this.#weight = (1 - SMOOTHING) * this.#weight + SMOOTHING;
    }
    return this.#sum / this.#weight;
  }
}
