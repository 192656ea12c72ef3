import { COMMAND_OPTIONS, flagOf, OPTIONS, type Option, type ParameterValue } from "./options";

/** A mistake in what was typed; its message names the option and what is allowed. */
export class UsageError extends Error {}

/** What was typed: only the options that were given. */
export type Given = Record<string, ParameterValue>;

function readValue(option: Option, typed: string): ParameterValue {
  const flag = flagOf(option.name);
  if (option.choices) {
    const choice = option.choices[typed];
    if (choice === undefined) {
      throw new UsageError(`\`${flag}\`: expected one of ${Object.keys(option.choices).join(", ")}, got "${typed}".`);
    }
    return choice;
  }
  if (option.kind === "list") {
    const items = typed.split(",").map((item) => item.trim());
    if (items.some((item) => item === ""))
      throw new UsageError(`\`${flag}\`: expected ${option.expects}, got "${typed}".`);
    return items;
  }
  if (option.kind === "text") {
    if (typed === "") throw new UsageError(`\`${flag}\`: expected a value, got nothing.`);
    return typed;
  }
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  const whole = option.kind === "number" || Number.isSafeInteger(value);
  if (!Number.isFinite(value) || !whole || option.allowed?.(value) === false) {
    throw new UsageError(`\`${flag}\`: expected ${option.expects}, got "${typed}".`);
  }
  return value;
}

/**
 * Reads the command line.
 * @throws UsageError for an unknown option, a missing or a bad value
 */
export function parseOptions(args: string[]): Given {
  const all = [...OPTIONS, ...COMMAND_OPTIONS];
  const given: Given = {};
  for (let i = 0; i < args.length; i++) {
    const [flag = "", inline] = splitOnce(args[i] ?? "");
    const option = all.find(({ name }) => flagOf(name) === flag);
    if (!option) {
      const allowed = all.map(({ name }) => flagOf(name)).join(" ");
      throw new UsageError(`\`${flag}\`: expected one of the options below, got one that is not known.\n${allowed}`);
    }
    if (option.kind === "flag") {
      if (inline !== undefined) throw new UsageError(`\`${flag}\`: expected no value, got "${inline}".`);
      given[option.name] = true;
    } else {
      const typed = inline ?? args[++i];
      if (typed === undefined || (inline === undefined && typed.startsWith("--"))) {
        throw new UsageError(`\`${flag}\`: expected ${option.expects ?? "a value"}, got nothing.`);
      }
      given[option.name] = readValue(option, typed);
    }
  }
  return given;
}

function splitOnce(argument: string): [string, string?] {
  const at = argument.indexOf("=");
  return at < 0 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)];
}

/** @returns the text of `--help` */
export function helpText(): string {
  const line = (option: Option): string => {
    const choices = option.choices ? ` (${Object.keys(option.choices).join(", ")})` : "";
    const typed =
      option.kind === "flag" ? "" : ` ${option.kind === "text" ? "…" : option.kind === "list" ? "a,b" : "N"}`;
    const initial =
      option.kind === "flag" || option.initial === "" || option.name === "out" ? "" : ` [${option.initial}]`;
    return `  ${`${flagOf(option.name)}${typed}`.padEnd(24)}${option.help}${choices}${initial}`;
  };
  return [
    "npm start -- [options]     run notebooks/ethics.ipynb from the first cell to the last",
    "",
    ...OPTIONS.map(line),
    ...COMMAND_OPTIONS.map(line),
  ].join("\n");
}
