/** What was typed behind a command of `npm run bench`, read option by option. */
import { UsageError } from "../cli/command-line";
import { flagOf } from "../cli/options";

/** The options of one command line; each is asked for by name, and what nobody asked for is refused. */
export class Given {
  private readonly typed = new Map<string, string | undefined>();
  private readonly known = new Set<string>();

  /** @throws {UsageError} a word that is no option, or an option given twice */
  constructor(args: readonly string[]) {
    for (let i = 0; i < args.length; i++) {
      const word = args[i] as string;
      if (!word.startsWith("--"))
        throw new UsageError(`\`${word}\`: expected an option that begins with --, got this.`);
      const at = word.indexOf("=");
      const flag = at < 0 ? word : word.slice(0, at);
      if (this.typed.has(flag)) throw new UsageError(`\`${flag}\`: expected once, got it twice. Leave one out.`);
      const next = args[i + 1];
      if (at >= 0) this.typed.set(flag, word.slice(at + 1));
      else if (next === undefined || next.startsWith("--")) this.typed.set(flag, undefined);
      else {
        this.typed.set(flag, next);
        i++;
      }
    }
  }

  /** Whether an option without a value is there. */
  flag(name: string): boolean {
    const { flag, given, value } = this.take(name);
    if (value !== undefined) throw new UsageError(`\`${flag}\`: expected no value, got "${value}".`);
    return given;
  }

  /** @param initial its value when it is not there; without one it must be */
  text(name: string, expects: string, initial?: string): string {
    return this.value(name, expects, initial);
  }

  /** A text that may be absent. */
  optional(name: string, expects: string): string | undefined {
    return this.has(name) ? this.value(name, expects) : undefined;
  }

  /** A whole number above 0. */
  count(name: string, initial?: number): number {
    const expects = "a whole number above 0";
    const typed = this.value(name, expects, initial === undefined ? undefined : String(initial));
    const value = Number(typed);
    if (/^\d+$/.test(typed) && Number.isSafeInteger(value) && value > 0) return value;
    throw new UsageError(`\`${flagOf(name)}\`: expected ${expects}, got "${typed}".`);
  }

  /** One of some words. */
  choice<T extends string>(name: string, choices: readonly T[], initial?: T): T {
    const typed = this.value(name, oneOf(choices), initial);
    return this.checked(name, typed, choices);
  }

  /** Some of some words, with commas between them; all of them when it is not there. */
  some<T extends string>(name: string, choices: readonly T[]): T[] {
    const typed = this.value(name, `some of ${choices.join(", ")}, with commas between them`, choices.join(","));
    return typed.split(",").map((word) => this.checked(name, word.trim(), choices));
  }

  /** To be called when all options were asked for. @throws {UsageError} one that is not known */
  refuseRest(): void {
    const unknown = [...this.typed.keys()].find((flag) => !this.known.has(flag));
    if (unknown === undefined) return;
    if (this.known.size === 0) {
      throw new UsageError(`\`${unknown}\`: expected no options for this command. Leave it out.`);
    }
    throw new UsageError(`\`${unknown}\`: expected one of ${[...this.known].join(", ")}.`);
  }

  private has(name: string): boolean {
    return this.take(name).given;
  }

  private take(name: string): { flag: string; given: boolean; value: string | undefined } {
    const flag = flagOf(name);
    this.known.add(flag);
    return { flag, given: this.typed.has(flag), value: this.typed.get(flag) };
  }

  private value(name: string, expects: string, initial?: string): string {
    const { flag, given, value } = this.take(name);
    if (value !== undefined && value !== "") return value;
    if (!given && initial !== undefined) return initial;
    throw new UsageError(`\`${flag}\`: expected ${expects}, got ${given ? "no value" : "no such option. Add it"}.`);
  }

  private checked<T extends string>(name: string, typed: string, choices: readonly T[]): T {
    const choice = choices.find((word) => word === typed);
    if (choice !== undefined) return choice;
    throw new UsageError(`\`${flagOf(name)}\`: expected ${oneOf(choices)}, got "${typed}".`);
  }
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? (choices[0] as string) : `one of ${choices.join(", ")}`;
}
