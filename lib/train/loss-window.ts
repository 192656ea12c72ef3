/** Adds up the losses of steps. They stay on the device until they are needed, since reading one waits for the step to end. */
import { type Tensor, tf } from "../tensor/tensorflow";

/** Losses added up so far, so that a resumed run logs what the uninterrupted one logs. */
export interface LossSums {
  /** Since the last log entry. */
  window: number;
  /** Steps in that sum. */
  windowSteps: number;
  /** Since the start. */
  total: number;
  /** The last step's norm of the gradients before clipping. */
  gradNorm: number;
}

/** Most losses that wait on the device. */
const CAPACITY = 1000;

/** The losses since the last log entry and since the start. */
export class LossWindow {
  private readonly pending: Tensor[] = [];
  private norm: Tensor | undefined;

  /** @param sums of a resumed run, from its checkpoint */
  constructor(private readonly counted: LossSums = { window: 0, windowSteps: 0, total: 0, gradNorm: 0 }) {}

  /** Takes a step's loss and norm, scalars, and frees them when they are read. */
  add(loss: Tensor, norm: Tensor): void {
    // Before, so that the caller can still read these two.
    if (this.pending.length === CAPACITY) this.read();
    this.norm?.dispose();
    this.norm = norm;
    this.pending.push(loss);
    this.counted.windowSteps++;
  }

  /** Tensors that wait to be read. */
  get waiting(): number {
    return this.pending.length + (this.norm ? 1 : 0);
  }

  /** The sums with every loss so far. They do not depend on when they were asked for before. */
  sums(): LossSums {
    this.read();
    return { ...this.counted };
  }

  /** Starts a new window. */
  restart(): void {
    this.read();
    Object.assign(this.counted, { window: 0, windowSteps: 0 });
  }

  /** Frees what was not read. */
  dispose(): void {
    tf.dispose(this.pending.splice(0));
    this.norm?.dispose();
    this.norm = undefined;
  }

  private read(): void {
    if (this.pending.length === 0) return;
    const losses = tf.tidy(() => tf.stack(this.pending).dataSync());
    this.counted.gradNorm = this.norm?.dataSync()[0] ?? this.counted.gradNorm;
    for (const loss of losses) {
      this.counted.window += loss;
      this.counted.total += loss;
    }
    this.dispose();
  }
}
