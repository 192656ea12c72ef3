/** Python's regular expressions, as PEFT's settings contain them, matched in linear time, so that no file can make this library hang. */
import { RE2JS } from "re2js";

/** A compiled expression. */
export interface PythonRegex {
  /** Number of its instructions, which time and memory are proportional to. */
  readonly size: number;
  /** Whether it is found in a text. */
  test(text: string): boolean;
  /** The part of a text that a named group matches. */
  group(text: string, name: string): string | undefined;
}

/** Limits: the longest expressions in real settings have some hundred characters and a few repeats. */
const [MAX_LENGTH, MAX_REPEATS] = [1000, 100];

/** One unit of an expression: an escape, a class's opening, a repeat with numbers, or a character. */
const UNIT = /\\[\s\S]|\[\^?\]?|\{\d*,?\d*\}|[\s\S]/g;

/** A config is asked about hundreds of paths with the same few expressions. */
const compiled = new Map<string, PythonRegex>();

/**
 * Translates an expression of Python's `re`. Flags in front, such as `(?i)`, are understood.
 *
 * @param frame puts the expression into a larger one; default: it has to match the whole text
 * @throws {RangeError} it is not a regular expression, or needs look-around, back references or very many repeats
 */
export function pythonRegex(pattern: string, frame = (body: string): string => `^(?:${body})$`): PythonRegex {
  if (pattern.length > MAX_LENGTH) {
    throw new RangeError(
      `\`${pattern.slice(0, 40)}…\`: expected a regular expression of at most ${MAX_LENGTH} characters, got ${pattern.length}.`,
    );
  }
  const [front = ""] = /^\(\?[ims]+\)/.exec(pattern) ?? [];
  const whole = front + frame(translate(pattern.slice(front.length), pattern));
  const known = compiled.get(whole) ?? compile(whole, pattern);
  if (compiled.size >= 1000) compiled.clear();
  compiled.set(whole, known);
  return known;
}

function translate(body: string, pattern: string): string {
  let inClass = false;
  return body.replace(UNIT, (unit) => {
    if (inClass) {
      if (unit.endsWith("]") && !unit.startsWith("\\")) inClass = false;
      return unit.startsWith("[") ? `\\${unit}` : unit;
    }
    if (unit.startsWith("[")) inClass = true;
    const repeats = /^\{\d*,?(\d*)\}$/.test(unit) ? (unit.match(/\d+/g) ?? []) : [];
    if (repeats.some((count) => Number(count) > MAX_REPEATS)) {
      throw new RangeError(`\`${pattern}\`: expected at most ${MAX_REPEATS} repeats, got ${unit}.`);
    }
    return unit === "\\Z" ? "\\z" : unit.replace(/^\{,(?=\d)/, "{0,");
  });
}

function compile(whole: string, pattern: string): PythonRegex {
  try {
    const regex = RE2JS.compile(whole);
    return {
      size: regex.programSize(),
      test: (text) => regex.test(text),
      group: (text, name) => {
        const matcher = regex.matcher(text);
        return matcher.find() ? (matcher.group(name) ?? undefined) : undefined;
      },
    };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace("error parsing regexp: ", "");
    throw new RangeError(
      `\`${pattern}\`: expected a regular expression without look-around and back references, got ${reason}.`,
    );
  }
}
