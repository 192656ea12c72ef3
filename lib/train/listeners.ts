/** Callbacks of a Trainer, as one: all are told of an event, in order. */
import type { TrainerCallback, TrainerEvent } from "./callbacks";

/** An event that callbacks are told of. */
export type EventName = keyof TrainerCallback & `on${string}`;

/** What callbacks keep, by their class names. */
export type CallbackStates = Record<string, Record<string, unknown>>;

/** Whoever is told what a Trainer does: callbacks of this process, or of the one that started it. */
export interface Listeners {
  /** Tells of an event. What it asks for is in the event's `control` afterwards. */
  notify(name: EventName, event: TrainerEvent): Promise<void>;
  /** What a checkpoint keeps of the callbacks. */
  states(): CallbackStates;
  /** Gives the callbacks back what `states` gave. */
  restore(states: CallbackStates): void;
}

/** The callbacks of this process. */
export class CallbackList implements Listeners {
  constructor(private readonly callbacks: readonly TrainerCallback[]) {}

  async notify(name: EventName, event: TrainerEvent): Promise<void> {
    for (const callback of this.callbacks) await callback[name]?.(event);
  }

  states(): CallbackStates {
    const kept = this.callbacks.flatMap((callback) =>
      callback.saveState === undefined ? [] : [[callback.constructor.name, callback.saveState()] as const],
    );
    return Object.fromEntries(kept);
  }

  restore(states: CallbackStates): void {
    for (const callback of this.callbacks) {
      const kept = states[callback.constructor.name];
      if (kept !== undefined) callback.loadState?.(kept);
    }
  }
}
