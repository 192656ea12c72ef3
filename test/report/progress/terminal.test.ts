import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ProgressLine, wrap } from "../../../lib/report/progress/terminal";

test("a progress line is broken between its parts where the terminal ends", () => {
  assert.deepEqual(wrap("one · two · three", 17), ["one · two · three"]);
  assert.deepEqual(wrap("one · two · three", 16), ["one · two", "three"]);
  assert.deepEqual(wrap("one · a long part", 6), ["one", "a long"]);
});

/** What a line writes, in a terminal of that width or where there is none. */
function written(t: TestContext, columns: number | undefined, play: (line: ProgressLine) => void): string {
  const { stdout } = process;
  const before = { isTTY: stdout.isTTY, columns: stdout.columns };
  Object.assign(stdout, { isTTY: columns !== undefined, columns: columns ?? 0 });
  let text = "";
  const write = t.mock.method(stdout, "write", (piece: string) => {
    text += piece;
    return true;
  });
  try {
    play(new ProgressLine());
  } finally {
    write.mock.restore();
    Object.assign(stdout, before);
  }
  return text;
}

test("in a terminal a line is rewritten, all of its rows, and a kept line stays above it", (t) => {
  const text = written(t, 12, (line) => {
    line.update("one · two · three", false);
    line.keep("kept");
    line.update("four", false);
  });
  const erase = "\u001b[J";
  assert.equal(text, `\r${erase}one · two\nthree\r\u001b[1A${erase}kept\n\r${erase}four`);
});

test("elsewhere a line is printed now and then, and always when it must not be left out", (t) => {
  const text = written(t, undefined, (line) => {
    line.update("one", false);
    line.update("two", false);
    line.update("three", true);
    line.update("three", true);
    line.end();
  });
  assert.equal(text, "one\nthree\n");
});
