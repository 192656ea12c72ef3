import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readJson } from "../../lib/files/json";
import { SafetensorsFile } from "../../lib/files/safetensors";
import { ShardedSafetensors } from "../../lib/files/sharded";
import { temporaryFolder, writeFiles } from "../support/folders";
import { caseFile } from "../support/golden";

const INDEX = "model.safetensors.index.json";

test("three shards hold the tensors of the single file", () => {
  const single = SafetensorsFile.open(caseFile("roberta-head", "model", "model.safetensors"));
  const sharded = ShardedSafetensors.open(caseFile("roberta-head", "model_sharded", INDEX));
  assert.equal(sharded.tensors.size, single.tensors.size);
  for (const [name, { shape }] of single.tensors) {
    assert.deepEqual(sharded.tensors.get(name)?.shape, shape);
    assert.deepEqual(sharded.readFloat32(name), single.readFloat32(name), name);
  }
  assert.throws(() => sharded.read("gone"), { name: "FileFormatError", message: /`gone`: expected this tensor/ });
});

test("a shard elsewhere, a shard that is missing and a tensor in another shard are refused", () => {
  const folder = temporaryFolder();
  cpSync(caseFile("roberta-head", "model_sharded"), folder, { recursive: true });
  const file = join(folder, INDEX);
  const { weight_map: map } = readJson(file) as { weight_map: Record<string, string> };
  const [first, second] = Object.keys(map) as [string, string];
  const other = Object.values(map).find((shard) => shard !== map[first]) as string;
  const open = (changes: Record<string, unknown>): ShardedSafetensors => {
    writeFiles(folder, { [INDEX]: { weight_map: { ...map, ...changes } } });
    return ShardedSafetensors.open(file);
  };
  for (const place of ["../x.safetensors", "/etc/passwd", "a\\b", "..", ".", "a\0b", "", 3]) {
    assert.throws(() => open({ [second]: place }), {
      name: "FileFormatError",
      message: /expected a file in the same folder, got /,
    });
  }
  assert.throws(
    () => open({ [first]: "model-00009-of-00003.safetensors" }),
    /00009-of-00003\.safetensors: expected a file, got none/,
  );
  assert.throws(() => open({ [first]: other }), new RegExp(`${other}: \`${first}\`: expected it here, got none`));
  writeFiles(folder, { [INDEX]: { weight_map: [] } });
  assert.throws(() => ShardedSafetensors.open(file), /`weight_map`: expected an object/);
});
