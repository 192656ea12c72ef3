/** An error that the user can fix: shown without a stack. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}

/**
 * Runs a command of this project; an error is printed last, with exit code 1.
 * @param {() => Promise<number | undefined>} main returns the exit code, 0 by default
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const text = error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`\n${text}\n`);
    process.exitCode = 1;
  }
}

/**
 * Refuses every argument of a command that takes none.
 * @param {string} command as it is typed
 * @param {string[]} args
 */
export function refuseOptions(command, args) {
  if (args.length > 0) {
    throw new SetupError(`\`${args[0]}\`: expected no options for \`${command}\`, got ${args.length}. Leave it out.`);
  }
}
