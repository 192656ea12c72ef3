/** What a new value adds to the smoothed loss; the rest is of the values before. */
const SMOOTHING = 0.2;

/** A mean in which older values count less and less, right from the first value on. */
export class Smoothed {
  #sum = 0;
  #weight = 0;

  add(value: number): number {
    this.#sum = (1 - SMOOTHING) * this.#sum + SMOOTHING * value;
    this.#weight = (1 - SMOOTHING) * this.#weight + SMOOTHING;
    return this.value;
  }

  get value(): number {
    return this.#sum / this.#weight;
  }
}
