import assert from "node:assert/strict";
import { test } from "node:test";
import { reuse } from "../../lib/process/reuse";

test("a value is made once for each key, and one is kept for each name", async (t) => {
  const log = t.mock.method(console, "log", () => {});
  let made = 0;
  const value = (key: unknown, name = "tokens"): Promise<number> => reuse(name, key, async () => ++made);
  assert.equal(await value({ rank: 8 }), 1);
  assert.equal(await value({ rank: 8 }), 1);
  assert.equal(await value({ rank: 16 }), 2);
  assert.equal(await value({ rank: 8 }), 3);
  assert.equal(await value({ rank: 8 }, "baseline"), 4);
  assert.equal(await value({ rank: 8 }), 3);
  assert.deepEqual(
    log.mock.calls.map(({ arguments: [text] }) => text),
    ["tokens: the same as before, not made again", "tokens: the same as before, not made again"],
  );
});

test("a value that depends on nothing is made once", async (t) => {
  t.mock.method(console, "log", () => {});
  let made = 0;
  for (const _ of [1, 2]) assert.equal(await reuse("alone", undefined, () => ++made), 1);
});

test("a value that could not be made is tried again", async () => {
  await assert.rejects(
    reuse("broken", 1, () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await reuse("broken", 1, () => "now"), "now");
});
