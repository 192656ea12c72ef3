/** `npm run bench`: the figures as one JSON line on stdout, all else on stderr. */
import { UsageError } from "../cli/command-line";
import { type Command, HELP, readCommand } from "./options";

/**
 * Each command imports what it needs, so that a process that only starts others does not load TensorFlow.
 *
 * @returns the figures, and whether they pass
 */
async function perform(asked: Command): Promise<{ figures: object; passed: boolean }> {
  switch (asked.command) {
    case "compare": {
      const { compare } = require("./compare") as typeof import("./compare");
      return { figures: await compare(asked), passed: true };
    }
    case "curve": {
      const { curve } = require("./curve") as typeof import("./curve");
      return { figures: await curve(asked), passed: true };
    }
    case "leak": {
      const { leak } = require("./leak") as typeof import("./leak");
      const figures = await leak();
      return { figures, passed: figures.passed };
    }
    default: {
      const { measure } = require("./measure") as typeof import("./measure");
      const { opTable } = require("./op-meter") as typeof import("./op-meter");
      const { profile, ...figures } = await measure(asked);
      if (asked.profile) console.error(opTable(profile, figures.seconds));
      return { figures, passed: true };
    }
  }
}

async function main(args: string[]): Promise<void> {
  const asked = readCommand(args);
  if (asked === "help") return console.log(HELP);
  const { figures, passed } = await perform(asked);
  console.log(JSON.stringify(figures));
  if (!passed) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isPlain = error instanceof UsageError || error instanceof RangeError;
  console.error(error instanceof Error ? (isPlain ? error.message : error.stack) : error);
  process.exitCode = 1;
});
