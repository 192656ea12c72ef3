import assert from "node:assert/strict";
import { test } from "node:test";
import { FileFormatError } from "../../lib/files/errors";

test("the message of a file error begins with the path", () => {
  const error = new FileFormatError("a/config.json", "`r`: expected 1, got 2.");
  assert.deepEqual(
    [`${error}`, error instanceof Error],
    ["FileFormatError: a/config.json: `r`: expected 1, got 2.", true],
  );
});

test("a hostile value fills neither the screen nor steers the terminal", () => {
  const { message } = new FileFormatError(
    "a.bin",
    `\`${"x".repeat(5_000_000)}\u001b[2J\`: expected 1, got ${"\n".repeat(5_000)}.`,
  );
  assert.ok(message.length < 1000);
  assert.match(message, /^a\.bin: `x{399} … x+\\x1b\[2J`: expected 1, got \n+$/);
});
