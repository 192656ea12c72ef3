/** Changes a valid file into one that somebody may send. */
import type { Choices } from "./random";

type Mutation = (bytes: Buffer, choices: Choices, other: Buffer) => Buffer;

/** What stands in the place of a word, a number or a text of JSON. */
const WORDS = [
  ...["0", "-1", "1e308", "1e999", "2147483648", "4294967295", "9007199254740993", "18446744073709551615", "0.5"],
  ...[
    "null",
    "true",
    "[]",
    "{}",
    '""',
    '"__proto__"',
    '"constructor"',
    '"(\\\\w+\\\\.?)+!"',
    '"\\ud800"',
    "9".repeat(500),
  ],
  ...["[".repeat(2000), '{"a":'.repeat(500), `"${"x".repeat(5000)}"`, '"../../../etc/passwd"', '"\\u0000"', "NaN"],
];
const TOKEN = /"(?:[^"\\]|\\.){0,200}"|-?\d[\d.eE+-]{0,30}|\b(?:true|false|null)\b/g;

const flip: Mutation = (bytes, choices) => {
  const at = choices.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << choices.below(8));
  return bytes;
};

const cut: Mutation = (bytes, choices) => bytes.subarray(0, choices.below(bytes.length));

const removed: Mutation = (bytes, choices) => {
  const at = choices.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + choices.below(16))]);
};

const splice: Mutation = (bytes, choices, other) => {
  const from = choices.below(other.length);
  const piece = other.subarray(from, from + 1 + choices.below(64));
  const at = choices.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + choices.below(2) * piece.length)]);
};

const extreme: Mutation = (bytes, choices) => {
  const number = choices.pick([
    0n,
    1n,
    0x7fn,
    0xffn,
    0xffffn,
    0x7fffffffn,
    0xffffffffn,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]);
  const size = choices.pick([1, 2, 4, 8]);
  const at = choices.below(bytes.length);
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = Number((number >> BigInt(8 * i)) & 255n);
  return bytes;
};

const word: Mutation = (bytes, choices) => {
  const text = bytes.toString("latin1");
  const found = [...text.slice(0, 20_000).matchAll(TOKEN)];
  if (found.length === 0) return flip(bytes, choices, bytes);
  const { index, 0: old } = choices.pick(found);
  const end = index + old.length;
  // A safetensors header keeps its length where the new word is as long as the old one.
  const made = choices.pick(WORDS);
  const fitting = choices.below(2) === 0 ? made : made.slice(0, old.length).padEnd(old.length);
  return Buffer.from(text.slice(0, index) + fitting + text.slice(end), "latin1");
};

const MUTATIONS: readonly Mutation[] = [flip, flip, cut, removed, splice, extreme, word, word, word];

/** One to four mutations of a copy. */
export function mutate(seeds: readonly Buffer[], choices: Choices): Buffer {
  let bytes: Buffer = Buffer.from(choices.pick(seeds));
  for (let left = 1 + choices.below(4); left > 0 && bytes.length > 0; left--) {
    bytes = choices.pick(MUTATIONS)(bytes, choices, choices.pick(seeds));
  }
  return bytes;
}
