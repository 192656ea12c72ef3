import assert from "node:assert/strict";
import { test } from "node:test";
import { optional } from "../../lib/process/optional";

test("a package that is not installed is named with the command that installs it", () => {
  assert.throws(() => optional("no-such a b", () => require("no-such-package")), {
    message: /^`no-such a b`: expected to be installed, got: .*no-such-package.*\. Run `npm install no-such a b`\.$/,
  });
});

test("what is there is handed on, and another error stays itself", () => {
  assert.equal(
    optional("x", () => 8),
    8,
  );
  const own = new Error("broken");
  assert.throws(
    () =>
      optional("x", () => {
        throw own;
      }),
    (error) => error === own,
  );
});
