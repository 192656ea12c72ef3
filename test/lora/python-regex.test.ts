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
  ["(?P<n>\\d+)\\.(?P=n)", "12.12", true],
  ["(?P<n>\\d+)\\.(?P=n)", "12.13", false],
  ["\\Aquery\\Z", "query", true],
  ["(?i)QUERY", "query", true],
  ["a{,2}b", "aab", true],
  ["a{,2}b", "aaab", false],
  ["[]a]+", "a]", true],
  ["[^]a]+", "b", true],
  ["[^]a]+", "b]", false],
  ["[[a]+", "[a", true],
  ["[\\]{,2}]+", "]{,2}", true],
  ["layer\\.(?!0)\\d\\.x", "layer.1.x", true],
];

for (const [pattern, text, matches] of ANSWERS) {
  test(`${pattern} ${matches ? "is" : "is not"} ${text}, as in Python`, () => {
    assert.equal(pythonRegex(pattern).test(text), matches);
  });
}

test("an expression that JavaScript cannot read is an error that shows it", () => {
  for (const pattern of ["(", "a**", "(?x)a b", "(?>a)", "a++", "(?P<n>a)(?(n)b|c)"]) {
    assert.throws(() => pythonRegex(pattern), {
      name: "RangeError",
      message: /^`.+`: expected a regular expression that JavaScript reads too, got /,
    });
  }
});
