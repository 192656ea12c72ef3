/** Every argument of transformers is either known here or refused with a reason, and the documentation says so. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { lengthGroupedOrder } from "../../lib/data/order";
import { camelCase } from "../../lib/files/json";
import { OTHER_ARGUMENTS } from "../../lib/train/other-arguments";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { argumentsTable, TABLE_FILE } from "../../scripts/checks/arguments-table";
import { readFixture } from "../support/golden";

const { names } = readFixture<{ names: string[] }>("trainer", "arguments.json");
const ours = Object.keys(resolveArguments({ outputDir: "unused" }));

test("each of transformers' arguments is either one of ours or stands among the others, with a reason", () => {
  const known = new Set(ours);
  for (const name of names) assert.notEqual(known.has(camelCase(name)), name in OTHER_ARGUMENTS, name);
  for (const name of Object.keys(OTHER_ARGUMENTS)) assert.ok(names.includes(name), name);
});

test("whoever sets another argument is told why it is not there", () => {
  for (const [name, reason] of Object.entries(OTHER_ARGUMENTS)) {
    const options = { outputDir: "unused", [camelCase(name)]: 1 };
    assert.throws(
      () => resolveArguments(options),
      (error: Error) => error.message.startsWith(`\`${camelCase(name)}\`: `) && error.message.includes(reason.trim()),
    );
  }
});

test("the documentation's table is made from both lists", () => {
  assert.equal(
    readFileSync(TABLE_FILE, "utf8"),
    argumentsTable(names),
    "node --import tsx scripts/checks/arguments-table.ts makes it again",
  );
});

test("an order by length is transformers'", () => {
  interface Groups {
    lengths: number[];
    step_size: number;
    seed: number;
    order: number[];
  }
  for (const { lengths, step_size, seed, order } of readFixture<Groups[]>("trainer", "length_groups.json")) {
    assert.deepEqual([...lengthGroupedOrder(lengths, step_size, seed, 0)], order);
  }
});
