/** `ethics-for-robots COMMAND [options]`: the project's commands without Jupyter. */

import { nearestName } from "../../lib/process/options";
import { evaluate } from "../commands/evaluate";
import { exportModel } from "../commands/export";
import { merge } from "../commands/merge";
import { page } from "../commands/page";
import { predict } from "../commands/predict";
import { sweepGrid } from "../commands/sweep";
import { train } from "../commands/train";
import { type Command, typedAs } from "./command";
import { UsageError } from "./command-line";
import { asTyped } from "./options";

/** In the order of their use. */
const COMMANDS: readonly Command[] = [train, evaluate, predict, merge, exportModel, page, sweepGrid];

/** What `scripts/package/main.mjs` does itself. */
const OTHERS = [
  { name: "setup", title: "once: TensorFlow and its addon for Node" },
  { name: "doctor", title: "what is there on this machine, and what is missing" },
];

function help(): string {
  const lines = [...COMMANDS, ...OTHERS].map(({ name, title }) => `  ${typedAs(name).padEnd(34)} ${title}`);
  return ["LoRA fine-tuning of Hugging Face text classifiers.", "", ...lines, "", "Each says more with --help."].join(
    "\n",
  );
}

/**
 * Runs a command.
 * @returns the exit code: 0, 1 for an error, 2 for a mistake in what was typed, 130 when stopped
 */
export async function main([name = "--help", ...args]: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no error.
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", endOfReader);
  if (["--help", "-h", "help"].includes(name)) {
    console.log(help());
    return 0;
  }
  try {
    return await commandOf(name).main(args);
  } catch (error) {
    console.error(error instanceof Error ? asTyped(error.message) : error);
    return error instanceof UsageError ? 2 : 1;
  }
}

function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

function commandOf(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  const names = [...COMMANDS, ...OTHERS].map((command) => command.name);
  const close = nearestName(name, names);
  throw new UsageError(
    `\`${name}\`: expected one of ${names.join(", ")}.${close === undefined ? "" : ` Did you mean ${close}?`}`,
  );
}
