import assert from "node:assert/strict";
import { test } from "node:test";
import { FileFormatError } from "../../lib/files/errors";

test("an error about a file begins with its path", () => {
  const error = new FileFormatError("a/config.json", "`r`: expected 1, got 2.");
  assert.deepEqual(
    [`${error}`, error instanceof Error],
    ["FileFormatError: a/config.json: `r`: expected 1, got 2.", true],
  );
});
