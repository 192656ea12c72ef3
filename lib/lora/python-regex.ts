/** Python's regular expressions, as PEFT's settings contain them, in JavaScript's form. */

/** What is written in another way in JavaScript; everything else is the same or a syntax error there. */
const TRANSLATIONS: Readonly<Record<string, string>> = {
  "\\A": "^",
  "\\Z": "$",
  "(?P<": "(?<",
  "[]": "[\\]",
  "[^]": "[^\\]",
};

/** One unit of an expression: an escape, a group's opening, a class's opening, a repeat without lower bound, or a character. */
const UNIT = /\\[\s\S]|\(\?P<|\(\?P=\w+\)|\[\^?\]?|\{,\d+\}|[\s\S]/g;

/**
 * Translates an expression of Python's `re`. Flags in front, such as `(?i)`, are understood.
 *
 * @param frame puts the expression into a larger one; default: it has to match the whole text
 * @throws {RangeError} JavaScript cannot read it
 */
export function pythonRegex(pattern: string, frame = (body: string): string => `^(?:${body})$`): RegExp {
  const [front = "", flags = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  let inClass = false;
  const body = pattern.slice(front.length).replace(UNIT, (unit) => {
    if (inClass) {
      if (unit === "]" || unit === "[]" || unit === "[^]") inClass = false;
      return unit.startsWith("[") ? `\\${unit}` : unit;
    }
    if (unit.startsWith("[")) inClass = true;
    if (unit.startsWith("(?P=")) return `\\k<${unit.slice(4, -1)}>`;
    return TRANSLATIONS[unit] ?? (/^\{,/.test(unit) ? `{0${unit.slice(1)}` : unit);
  });
  try {
    return new RegExp(frame(body), flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`\`${pattern}\`: expected a regular expression that JavaScript reads too, got ${reason}.`);
  }
}
