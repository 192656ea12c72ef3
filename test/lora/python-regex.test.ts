import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonRegex } from "../../lib/lora/python-regex";

// Each answer is that of Python's re.fullmatch(pattern, text) is not None.
const ANSWERS: [pattern: string, text: string, matches: boolean][] = [
  ["query|value", "query", true],
  ["query|value", "self.query", false],
  [".*query", "self.query", true],
  [".*query", "self.query.x", false],
  ["a.b", "axb", true],
  ["a\\.b", "axb", false],
  ["(?P<n>\\d+)\\.x", "12.x", true],
  ["\\Aquery\\Z", "query", true],
  ["(?i)QUERY", "query", true],
  ["a{,2}b", "aab", true],
  ["a{,2}b", "aaab", false],
  ["[]a]+", "a]", true],
  ["[^]a]+", "b", true],
  ["[^]a]+", "b]", false],
  ["[[a]+", "[a", true],
  ["[\\]{,2}]+", "]{,2}", true],
  ["a{2,100}b", "aaab", true],
  ["(?s)a.b", "a\nb", true],
];

for (const [pattern, text, matches] of ANSWERS) {
  test(`${pattern} ${matches ? "is" : "is not"} ${text}, as in Python`, () => {
    assert.equal(pythonRegex(pattern).test(text), matches);
  });
}

test("an expression that is not valid, or cannot be matched in linear time, is an error that shows it", () => {
  const bad = [
    "(",
    "a**",
    "(?x)a b",
    "(?>a)",
    "a++",
    "(?P<n>a)(?(n)b|c)",
    "(?P<n>a)(?P=n)",
    "(a)\\1",
    "x(?!0)",
    "(?<=x)y",
  ];
  for (const pattern of bad) {
    assert.throws(() => pythonRegex(pattern), {
      name: "RangeError",
      message: /^`.+`: expected a regular expression without look-around and back references, got /,
    });
  }
});

test("a group's part of a text is found", () => {
  const regex = pythonRegex("layer", (body) => `^(?:.*\\.)?${body}\\.(?P<number>\\d+)\\.`);
  assert.deepEqual(
    ["encoder.layer.12.query", "encoder.x.12.query"].map((path) => regex.group(path, "number")),
    ["12", undefined],
  );
});

test("expressions on which JavaScript would backtrack for years take milliseconds", () => {
  const path = "roberta.encoder.layer.11.attention.self.query".repeat(20);
  const start = performance.now();
  for (const pattern of ["(\\w+\\.?)+!", "(a|a|\\w)*!", "((\\w*)*\\.?)*!", "(.*)(.*)(.*)(.*)(.*)(.*)!"]) {
    assert.equal(pythonRegex(pattern).test(path), false);
  }
  assert.throws(() => pythonRegex("(a{1,101})"), /expected at most 100 repeats, got \{1,101\}/);
  assert.throws(() => pythonRegex("a".repeat(5_000_000)), { message: /^`a{40}…`: expected .* got 5000000\.$/ });
  assert.ok(performance.now() - start < 1000);
});
