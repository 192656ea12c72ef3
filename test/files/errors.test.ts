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
