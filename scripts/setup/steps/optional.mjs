/** Set-up's steps that compile what the library also works without: a failure is reported and remembered. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "../setup-error.mjs";
import { isMadeFrom, stamp, unstamp } from "../stamps.mjs";
import { compilersHere } from "./compiler.mjs";

/** @param {string} made the file that a step makes */
const reasonFile = (made) => join(dirname(made), "not-built.txt");

/**
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.made the file that it makes, in a folder of its own
 * @param {() => Record<string, unknown>} options.ingredients what that depends on
 * @param {() => Promise<string>} options.make makes it; returns a remark for the screen
 * @param {string} options.without what the library does without it
 * @returns {import("../../setup.mjs").Step}
 */
export function optionalStep({ title, made, ingredients, make, without }) {
  const home = dirname(made);
  // With other compilers set-up tries again.
  const failure = () => ({ ...ingredients(), failedWith: compilersHere() });
  return {
    title,
    isDone: () => (isMadeFrom(home, ingredients()) && existsSync(made)) || isMadeFrom(home, failure()),
    async run() {
      unstamp(home);
      rmSync(reasonFile(made), { force: true });
      try {
        const remark = await make();
        stamp(home, ingredients());
        return remark;
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        rmSync(made, { force: true });
        stamp(home, failure());
        writeFileSync(reasonFile(made), error.message);
        return `not built (${shortReason(error.message)}); ${without}`;
      }
    },
  };
}

/**
 * The compiler's full output if the file of a step could not be made.
 * @param {string} made
 * @returns {string | undefined} nothing where it is there
 */
export function whyNotBuilt(made) {
  if (existsSync(made)) return undefined;
  const file = reasonFile(made);
  return existsSync(file) ? readFileSync(file, "utf8") : "set-up has not run";
}

/**
 * A compiler's first error, or what the failed command says of itself.
 * @param {string} text
 */
export function shortReason(text) {
  const lines = text.trim().split("\n");
  const line = (lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? "").trim();
  // Without the folder of the project's own sources.
  return line.replace(/\/\S*\/lib\/(tensor|parallel)\/native\/(kernels\/)?/g, "");
}
