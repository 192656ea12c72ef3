/** Parses the command lines of this project by a table of options. */
import { parseArgs } from "node:util";
import { nearestName } from "../../lib/process/options";

/** A mistake on the command line; the message names the option and what is allowed. */
export class UsageError extends Error {}

export type ParameterValue = string | number | boolean | string[];

/** Values of the given options, by name. */
export type Given = Record<string, ParameterValue>;

/** One option of a command. */
export interface Option {
  /** In camelCase; `trainLimit` is typed `--train-limit`. */
  name: string;
  kind: "text" | "integer" | "number" | "list" | "flag";
  /** Its default. */
  initial?: ParameterValue;
  /** Whether it has to be given (default false). */
  required?: boolean;
  /** Whether it may be given several times (default false), with a list as its value. */
  repeats?: boolean;
  /** What it does, for the help. */
  help: string;
  /** Its value in the help, such as "DIR". */
  placeholder?: string;
  /** What a value must be, for errors. */
  expects?: string;
  /** Whether a number is allowed; gets it parsed and as typed. */
  allowed?: (value: number, typed: string) => boolean;
  /** The allowed words, with the value of each. */
  choices?: Record<string, string>;
}

/** An option as it is typed: `--train-limit` for `trainLimit`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Choices whose values are the words themselves. */
export function words(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.map((word) => [word, word]));
}

/**
 * Reads a command line; both `--name value` and `--name=value` are understood.
 * @param words takes the words that belong to no option, all of them behind `--`; without it they are refused
 * @returns the values of the given options
 * @throws {UsageError} an option that is unknown, missing or repeated, or a value that is missing or not allowed
 */
export function parse(args: readonly string[], options: readonly Option[], words?: string[]): Given {
  const known = new Map(options.map((option) => [flagOf(option.name), option]));
  const types = options.map(({ name, kind }) => [
    flagOf(name).slice(2),
    { type: kind === "flag" ? ("boolean" as const) : ("string" as const) },
  ]);
  const { tokens } = parseArgs({ args: [...args], options: Object.fromEntries(types), strict: false, tokens: true });
  const given: Given = {};
  let before: Option | undefined;
  for (const token of tokens) {
    const [flag = ""] = (args[token.index] as string).split("=", 1);
    if (words && token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (!words) throw strayWord(token.value, before);
      words.push(token.value);
      continue;
    }
    const option = known.get(flag);
    if (!option) throw unknownOption(flag, [...known.keys()]);
    const { value, inlineValue } = token.kind === "option" ? token : {};
    const typed = inlineValue || !value?.startsWith("--") ? value : undefined;
    const read = option.kind === "flag" ? readFlag(option, typed) : readValue(option, typed);
    const earlier = given[option.name];
    if (earlier !== undefined && !option.repeats) {
      throw new UsageError(`\`${flag}\`: expected once, got it twice. Leave one out.`);
    }
    given[option.name] = option.repeats ? [earlier ?? [], read].flat().map(String) : read;
    before = option;
  }
  const lacking = options.find(({ name, required }) => required && !(name in given));
  if (lacking === undefined) return given;
  throw new UsageError(
    `\`${flagOf(lacking.name)}\`: expected ${lacking.expects ?? "a value"}, got no such option. Add it.`,
  );
}

/** @param before the option before the word */
function strayWord(word: string, before: Option | undefined): UsageError {
  if (before?.kind === "flag") return new UsageError(`\`${flagOf(before.name)}\`: expected no value, got "${word}".`);
  return new UsageError(`\`${word}\`: expected an option that begins with --, got this.`);
}

function unknownOption(flag: string, known: readonly string[]): UsageError {
  if (known.length === 0) return new UsageError(`\`${flag}\`: expected no options for this command. Leave it out.`);
  const close = nearestName(flag, known);
  const hint = close === undefined ? "" : ` Did you mean ${close}?`;
  if (known.length <= 10) return new UsageError(`\`${flag}\`: expected one of ${known.join(", ")}.${hint}`);
  return new UsageError(
    `\`${flag}\`: expected one of the options below, got one that is not known.${hint}\n${known.join(" ")}`,
  );
}

function readFlag({ name }: Option, typed: string | undefined): true {
  if (typed !== undefined) throw new UsageError(`\`${flagOf(name)}\`: expected no value, got "${typed}".`);
  return true;
}

/**
 * One value as it was typed.
 * @throws {UsageError} it is missing or not allowed
 */
export function readValue(option: Option, typed: string | undefined): ParameterValue {
  const { kind, choices, required, expects = "a value" } = option;
  const refusal = (expected: string, got: string): UsageError =>
    new UsageError(`\`${flagOf(option.name)}\`: expected ${expected}, got ${got}.`);
  if (typed === undefined || (typed === "" && kind === "text" && !choices)) {
    throw refusal(expects, required ? "no value" : "nothing");
  }
  const choose = (word: string): string => {
    if (!choices) return word;
    if (!Object.hasOwn(choices, word)) throw refusal(`one of ${Object.keys(choices).join(", ")}`, `"${word}"`);
    return choices[word] as string;
  };
  if (kind === "text") return choose(typed);
  if (kind === "list") {
    const items = typed.split(",").map((item) => item.trim());
    if (!choices && items.includes("")) throw refusal(expects, `"${typed}"`);
    return items.map(choose);
  }
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  const isNumber = kind === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isNumber || option.allowed?.(value, typed) === false) throw refusal(expects, `"${typed}"`);
  return value;
}

/** An option's line of the help. */
export function helpLine({ name, kind, initial, placeholder, help, choices }: Option): string {
  const value = { text: " …", list: " a,b", integer: " N", number: " N", flag: "" }[kind];
  const flag = `${flagOf(name)}${placeholder ? ` ${placeholder}` : value}`;
  const among = choices ? ` (${Object.keys(choices).join(", ")})` : "";
  const isSilent = kind === "flag" || initial === undefined || `${initial}` === "";
  return `  ${flag.padEnd(24)}${help}${among}${isSilent ? "" : ` [${initial}]`}`;
}
