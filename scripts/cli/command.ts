/** What all commands have in common: `--help`, and the way they are typed in a clone and in the package. */
import { isPackage } from "../../lib/process/state";
import { type Given, helpLine, type Option, parse } from "./command-line";

/** How a command is typed here. */
export function typedAs(name: string): string {
  return isPackage ? `npx ethics-for-robots ${name}` : `npm run -s cli -- ${name}`;
}

/** What a command is called and takes. */
export interface About {
  name: string;
  /** One line for the list of commands. */
  title: string;
  options: readonly Option[];
  /** What its words without an option are, if it takes such. */
  words?: string;
  /** More lines for the help. */
  notes?: readonly string[];
}

/** A command: its arguments in, its exit code out. */
export interface Command extends About {
  main(args: readonly string[]): Promise<number>;
}

const HELP: Option = { name: "help", kind: "flag", help: "print this" };

/** @param work gets the values of the given options, and the words without an option */
export function command(about: About, work: (given: Given, words: string[]) => Promise<number>): Command {
  const options = [...about.options, HELP];
  const main = async (args: readonly string[]): Promise<number> => {
    if (args.includes("--help")) {
      console.log(helpOf(about, options));
      return 0;
    }
    const words: string[] = [];
    return work(parse(args, options, about.words ? words : undefined), words);
  };
  return { ...about, main };
}

function helpOf({ name, title, words, notes = [] }: About, options: readonly Option[]): string {
  const usage = `${typedAs(name)} ${words ? `[${words}] ` : ""}[options]     ${title}`;
  return [usage, "", ...options.map(helpLine), ...notes.map((note) => `\n${note}`)].join("\n");
}
