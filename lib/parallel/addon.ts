/** The addon over TensorFlow's collective operations, compiled at set-up from `lib/parallel/native`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../process/state";

/** A worker's place among the others, within the addon. */
export interface Place {
  readonly place: unique symbol;
}

interface Addon {
  /** Starts the server of a worker, by TensorFlow's `ServerDef` in text form. */
  open(serverDef: string, device: string): Place;
  /** Sums a vector over all workers, in place; `instance` is the same for all sums of vectors of one kind and length. */
  sum(
    place: Place,
    vector: Float32Array | Int32Array,
    workers: number,
    instance: number,
    seconds: number,
  ): Promise<void>;
  /** Rejects unless the worker answers. @param task as "/job:worker/replica:0/task:1" */
  checkPeer(place: Place, task: string, milliseconds: number): Promise<void>;
}

const folder = join(stateFolder(), "collective");

/** The library that has a worker's server listen on one address alone; Linux only. */
export const BIND_LIBRARY: string = join(folder, "bind.so");

let addon: Addon | undefined;

/** @throws the addon was not built */
export function checkAddon(): void {
  const file = join(folder, "collective.node");
  if (existsSync(file)) return;
  throw new Error(
    `\`workers\`: expected TensorFlow's collective operations in ${file}, got none. Run set-up, with a C++ compiler.`,
  );
}

/** @throws the addon was not built */
export function collectiveAddon(): Addon {
  if (addon === undefined) {
    checkAddon();
    const module = { exports: {} as Addon };
    process.dlopen(module, join(folder, "collective.node"));
    addon = module.exports;
  }
  return addon;
}
