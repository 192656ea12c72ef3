/** Checks an object of options by name and kind, so that none is ignored silently, whatever a compiler let pass. */
import { inspect } from "node:util";

/** What the value of an option of type V may be. */
type Kind<V> = V extends boolean
  ? "boolean"
  : V extends string
    ? "string"
    : V extends number
      ? "number"
      : V extends (...values: never[]) => unknown
        ? "function"
        : V extends readonly unknown[]
          ? "list"
          : "object";

type AnyKind = "boolean" | "string" | "number" | "function" | "list" | "object";

/** Every option of T with its kinds: one that is missing here, or too many, is an error of types. */
export type OptionKinds<T> = {
  readonly [Name in keyof Required<T>]:
    | Kind<Exclude<T[Name], undefined>>
    | readonly Kind<Exclude<T[Name], undefined>>[];
};

const WORDS: Readonly<Record<AnyKind, string>> = {
  boolean: "true or false",
  string: "a string",
  number: "a number",
  function: "a function",
  list: "a list",
  object: "an object",
};

/** T where it stands, but not to be guessed from what stands there; the kernel's TypeScript has no `NoInfer`. */
type NotInferred<T> = [T][T extends unknown ? 0 : never];

/**
 * Checks the names and the kinds of options. What a value may be within its kind is for others to check.
 *
 * @param of what takes the options, as errors call it
 * @param given `undefined` values are as good as none
 * @param kinds the options that there are
 * @param refused why well-known options of other libraries are not among them
 * @throws {RangeError} no object of options, an unknown one, or one of the wrong kind
 */
export function checkOptions<T extends object>(
  of: string,
  given: T,
  kinds: OptionKinds<NotInferred<T>>,
  refused: Readonly<Record<string, string>> = {},
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new RangeError(`\`${of}\`: expected an object of options, got ${brief(given)}.`);
  }
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (!Object.hasOwn(kinds, name)) throw unknownOption(of, name, Object.keys(kinds), refused);
    if (value === undefined) continue;
    const allowed = [(kinds as Record<string, AnyKind | readonly AnyKind[]>)[name] ?? []].flat();
    if (allowed.includes(kindOf(value) as AnyKind)) continue;
    const expected = allowed.map((kind) => WORDS[kind]).join(" or ");
    throw new RangeError(`\`${name}\`: expected ${expected}, got ${brief(value)}.`);
  }
}

/** The kinds that options have in their defaults. */
export function kindsLike<T extends object>(defaults: Required<T>): OptionKinds<T> {
  const kinds = Object.entries(defaults).map(([name, value]) => [name, kindOf(value)]);
  return Object.fromEntries(kinds) as OptionKinds<T>;
}

/** The part of some options that others take too. */
export function pickOptions<T extends object>(given: NotInferred<T>, kinds: OptionKinds<T>): T {
  return Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(kinds, name))) as T;
}

function unknownOption(
  of: string,
  name: string,
  known: readonly string[],
  refused: Readonly<Record<string, string>>,
): RangeError {
  const reason = Object.keys(refused).find((other) => plain(other) === plain(name));
  if (reason !== undefined)
    return new RangeError(`\`${name}\`: not an option of ${of}: ${(refused[reason] ?? "").trim().replace(/\.$/, "")}.`);
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : ` Did you mean \`${near}\`?`;
  const all = known.length === 0 ? "It takes none" : `It takes ${known.join(", ")}`;
  return new RangeError(`\`${name}\`: expected an option of ${of}, got an unknown name.${hint} ${all}.`);
}

/** The known name that differs least from a wrong one; none where all differ in more than a third of their letters. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wrong = plain(name.slice(0, 100));
  const distances = known.map((other) => ({ other, distance: editDistance(wrong, plain(other)) }));
  distances.sort((a, b) => a.distance - b.distance);
  const [best] = distances;
  return best && best.distance <= allowance(best.other) ? best.other : undefined;
}

/** Most edits that still count as a typing error; two exchanged letters are two. */
function allowance(name: string): number {
  return Math.max(name.length < 4 ? 0 : 2, name.length / 3);
}

/** A name without what tells Python's spelling from JavaScript's. */
function plain(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** Letters to insert, delete or exchange until one text is the other (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchanged = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function brief(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 80, maxArrayLength: 5, breakLength: Infinity }).slice(0, 200);
}
