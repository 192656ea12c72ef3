/** The end of every command: its exit code, or its error on the screen. */
import { UsageError } from "./command-line";
import { asTyped } from "./options";

/** Runs a command on what was typed; a mistake in that ends it with 2, any other error with 1. */
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
