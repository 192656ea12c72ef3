import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setAside } from "../../scripts/notebook/set-aside";
import { temporaryFolder, writeFiles } from "../support/folders";

test("a folder is out of the way while the work goes on, and back at its end", async () => {
  const folder = join(temporaryFolder(), "notebook");
  writeFiles(folder, { "metrics.json": "mine" });
  const result = await setAside(folder, async () => {
    assert.equal(existsSync(folder), false);
    writeFiles(folder, { "metrics.json": "other", "log.jsonl": "" });
    return 17;
  });
  assert.equal(result, 17);
  assert.deepEqual(readdirSync(folder), ["metrics.json"]);
  assert.equal(readFileSync(join(folder, "metrics.json"), "utf8"), "mine");
  assert.deepEqual(readdirSync(join(folder, "..")), ["notebook"]);
});

test("a folder comes back when the work fails, and none is left where none was", async () => {
  const parent = temporaryFolder();
  const folder = join(parent, "notebook");
  const failing = async (): Promise<void> => {
    writeFiles(folder, { "log.jsonl": "" });
    throw new Error("stopped");
  };
  await assert.rejects(setAside(folder, failing), /stopped/);
  assert.deepEqual(readdirSync(parent), []);
  writeFiles(folder, { "metrics.json": "mine" });
  await assert.rejects(setAside(folder, failing), /stopped/);
  assert.deepEqual(readdirSync(folder), ["metrics.json"]);
});

test("what a killed command has left aside is not lost", async () => {
  const parent = temporaryFolder();
  writeFiles(parent, { "notebook/log.jsonl": "other", "notebook.aside/metrics.json": "mine" });
  const refused = setAside(join(parent, "notebook"), async () => assert.fail("begun"));
  await assert.rejects(
    refused,
    /`.*notebook\.aside`: expected nothing, got .* Move it back to .*notebook, or delete it\./,
  );
  assert.deepEqual(readdirSync(parent).sort(), ["notebook", "notebook.aside"]);
});
