/** What a fault is, and how one is tried. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { adapterOf, type RunSize, train } from "./demo-run";

/** One fault that is done to a real run. */
export interface Fault {
  /** What goes wrong; `--only` takes a word of it. */
  name: string;
  /** Does it, and goes on. @returns what was seen @throws when something was lost */
  meet(lab: Lab): Promise<string>;
}

/** The fault cannot be made on this machine. */
export class NotRun extends Error {}

/** Where faults are tried: folders, random numbers, and the undisturbed run. */
export class Lab {
  #count = 0;
  #whole = new Map<string, string>();

  /**
   * @param folder for everything
   * @param size of the runs
   * @param kills of the run that is killed at random moments
   */
  constructor(
    readonly folder: string,
    readonly size: RunSize,
    readonly kills: number,
    readonly seed: number,
  ) {}

  /** A new empty folder. */
  newFolder(): string {
    const folder = join(this.folder, `${++this.#count}`);
    mkdirSync(folder);
    return folder;
  }

  /** The folder of an undisturbed run, which is made once for each size. */
  async whole(size: RunSize = this.size): Promise<string> {
    const key = JSON.stringify(size);
    let folder = this.#whole.get(key);
    if (folder === undefined) {
      folder = this.newFolder();
      const { code, said } = await train(folder, size);
      assert.equal(code, 0, said);
      this.#whole.set(key, folder);
    }
    return folder;
  }

  /** @throws the adapter of a run differs from that of the undisturbed one */
  async assertSame(out: string, size: RunSize = this.size): Promise<void> {
    assert.equal(adapterOf(out), adapterOf(await this.whole(size)), "the adapter's SHA-256");
  }
}
