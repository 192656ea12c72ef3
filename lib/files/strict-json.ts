/** Reads JSON with the strictness of Rust's serde_json, in time and memory proportional to the text. */

/** A value as it is written: whole numbers of 64 bits are bigint, others number; an object keeps every key, also twice. */
export type StrictValue = null | boolean | number | bigint | string | StrictValue[] | StrictObject;

/** An object's fields in their order. */
export class StrictObject {
  readonly fields: [name: string, value: StrictValue][] = [];

  /** The last value of each name. @throws one of the names of `once` occurs twice */
  toMap(once: readonly string[] = []): Map<string, StrictValue> {
    const map = new Map<string, StrictValue>();
    for (const [name, value] of this.fields) {
      if (map.has(name) && once.includes(name)) throw new Error(`\`${name}\`: expected it once, got it twice`);
      map.set(name, value);
    }
    return map;
  }
}

/** As deep as serde_json goes. */
const MAX_DEPTH = 127;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly [string, StrictValue][] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/** @returns the text's value @throws the text is not JSON */
export function parseStrict(text: string): StrictValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (reader.next() !== "") throw reader.unexpected("the end");
  return value;
}

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  /** The next character that is no space; "" at the end. */
  next(): string {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.text);
    this.#at = SPACE.lastIndex;
    return this.text.charAt(this.#at);
  }

  unexpected(wanted: string): Error {
    const got = this.text.slice(this.#at, this.#at + 20) || "the end";
    return new Error(`expected ${wanted} at character ${this.#at}, got ${got}`);
  }

  value(depth: number): StrictValue {
    const first = this.next();
    if ((first === "[" || first === "{") && depth >= MAX_DEPTH) {
      throw new Error(`expected at most ${MAX_DEPTH} lists and objects in each other, got more`);
    }
    if (first === '"') return this.#string();
    if (first === "[") return this.#list(depth);
    if (first === "{") return this.#object(depth);
    const word = WORDS.find(([name]) => this.text.startsWith(name, this.#at));
    if (word === undefined) return this.#number();
    this.#at += word[0].length;
    return word[1];
  }

  #list(depth: number): StrictValue[] {
    const list: StrictValue[] = [];
    this.#each("]", () => list.push(this.value(depth + 1)));
    return list;
  }

  #object(depth: number): StrictObject {
    const object = new StrictObject();
    this.#each("}", () => {
      if (this.next() !== '"') throw this.unexpected("a name");
      const name = this.#string();
      this.#take(":");
      object.fields.push([name, this.value(depth + 1)]);
    });
    return object;
  }

  /** Reads items with commas between them, from the opening bracket to the closing one. */
  #each(end: string, item: () => void): void {
    this.#at += 1;
    if (this.next() !== end) {
      for (;;) {
        item();
        if (this.next() !== ",") break;
        this.#at += 1;
      }
    }
    this.#take(end);
  }

  #take(character: string): void {
    if (this.next() !== character) throw this.unexpected(character);
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (let code = this.text.charCodeAt(end); code !== 0x22; code = this.text.charCodeAt(end)) {
      if (Number.isNaN(code)) throw this.unexpected("a string that ends");
      end += code === 0x5c ? 2 : 1;
    }
    this.#at = end + 1;
    const value: string = JSON.parse(this.text.slice(start, end + 1));
    // Half a surrogate pair is no character.
    if (Buffer.from(value).toString() !== value) throw new Error("expected characters in a string, got half of one");
    return value;
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const [digits, fraction, exponent] = NUMBER.exec(this.text) ?? [];
    if (digits === undefined) throw this.unexpected("a value");
    this.#at += digits.length;
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new Error(`expected a number in range, got ${digits.slice(0, 20)}…`);
    const whole = fraction === undefined && exponent === undefined && !digits.startsWith("-") && digits.length <= 20;
    const exact = whole ? BigInt(digits) : 0n;
    return whole && exact < 2n ** 64n ? exact : value;
  }
}
