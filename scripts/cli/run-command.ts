/** Runs a command and ends the process with its exit code. */
import { UsageError } from "./command-line";
import { asTyped } from "./options";

/** Runs a command on its arguments. A mistake in these exits with 2, any other error with 1. */
export function runCommand(main: (args: string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? asTyped(error.message) : error);
      process.exitCode = error instanceof UsageError ? 2 : 1;
    },
  );
}
