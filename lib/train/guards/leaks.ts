/** Warns of tensors that pile up from step to step, long before they have taken all memory. */

/** Steps that are looked at together: what a step keeps for a while is not yet a leak. */
const WINDOW = 25;

/** So many windows in a row, each with more tensors than the one before it, are a leak. */
const GROWING_WINDOWS = 4;

/** Watches how many tensors are left after each step. */
export class LeakGuard {
  /** Fewest tensors after a step of the current window. */
  private fewest = Number.POSITIVE_INFINITY;
  private steps = 0;
  /** The fewest of the windows before it, as long as they grew. */
  private grown: number[] = [];
  private warned = false;

  /**
   * Takes note of a step, and warns once when the tensors grow.
   *
   * @param step its number, from 1
   * @param tensors left after it, without those that wait to be read
   */
  note(step: number, tensors: number): void {
    if (this.warned) return;
    this.fewest = Math.min(this.fewest, tensors);
    if (++this.steps % WINDOW !== 0) return;
    if (this.fewest <= (this.grown.at(-1) ?? Number.NEGATIVE_INFINITY)) this.grown = [];
    this.grown.push(this.fewest);
    this.fewest = Number.POSITIVE_INFINITY;
    if (this.grown.length <= GROWING_WINDOWS) return;
    this.warned = true;
    const more = (this.grown.at(-1) ?? 0) - (this.grown[0] ?? 0);
    console.warn(
      `step ${step}: expected as many tensors after each step, got ${more} more in ${WINDOW * GROWING_WINDOWS} steps (${tensors} in all). ` +
        "They will fill the memory. A callback or an objective has to make its tensors within tf.tidy, or dispose of them.",
    );
  }
}
