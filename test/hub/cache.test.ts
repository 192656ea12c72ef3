import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CachedRepository, hubIdOf } from "../../lib/hub/cache";

test("the id of a model is read from its snapshot's folder, and from no other folder", () => {
  for (const id of ["siebert/sentiment-roberta-large-english", "gpt2"]) {
    assert.equal(hubIdOf(new CachedRepository("/cache", { kind: "model", id }).snapshot("0123")), id);
  }
  const folder = new CachedRepository("/cache", { kind: "model", id: "a/b" }).snapshot("0123");
  assert.equal(hubIdOf(`${folder}/`), "a/b");
  for (const other of [
    ".",
    "models--a--b",
    join(folder, ".."),
    join(folder, "data"),
    "/cache/datasets--a--b/snapshots/0",
  ])
    assert.equal(hubIdOf(other), undefined, other);
});
