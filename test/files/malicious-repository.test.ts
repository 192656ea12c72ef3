import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTable } from "../../lib/data/table";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { readJson } from "../../lib/files/json";
import { fromAdapterConfig } from "../../lib/lora/adapter-config";
import { readConfig } from "../../lib/model/config";
import { readParameters } from "../../lib/model/weights";
import { temporaryFolder, writeFiles } from "../support/folders";
import { fixture } from "../support/golden";

const CONFIG = { model_type: "roberta", vocab_size: 10, hidden_size: 4, num_attention_heads: 2, num_hidden_layers: 1 };
const adapter = (settings: object): object => ({ "adapter_config.json": { peft_type: "LORA", r: 8, ...settings } });
const index = (file: string): object => ({ "model.safetensors.index.json": { weight_map: { a: file } } });

const weights = (folder: string): unknown => readParameters(folder, readConfig(folder).config);
const settings = (folder: string): unknown => {
  const file = join(folder, "adapter_config.json");
  return fromAdapterConfig(readJson(file), file);
};
const tokenizer = (folder: string): unknown => AutoTokenizer.fromPretrained(folder);
const table = (name: string) => (folder: string) => readTable(join(folder, name));

interface Attack {
  what: string;
  files?: object;
  /** Links by their names, each to a file elsewhere. */
  links?: Record<string, string>;
  read(folder: string): unknown;
}

const pickle = (name: string): Attack => ({
  what: `weights that are ${name}`,
  links: { "pytorch_model.bin": fixture("pickles", name) },
  read: weights,
});
const ATTACKS: Attack[] = [
  { what: "a shard in the folder above", files: index("../secret.safetensors"), read: weights },
  { what: "a shard at an absolute place", files: index("/etc/passwd"), read: weights },
  { what: "a shard that is the folder above", files: index(".."), read: weights },
  { what: "weights that are a link to another file", links: { "model.safetensors": "/etc/passwd" }, read: weights },
  { what: "weights that are a link to a folder", links: { "model.safetensors": "/etc" }, read: weights },
  { what: "weights that never end", links: { "model.safetensors": "/dev/zero" }, read: weights },
  { what: "a config that never ends", links: { "config.json": "/dev/zero" }, read: readConfig },
  { what: "a vocabulary that never ends", links: { "vocab.txt": "/dev/zero" }, read: tokenizer },
  { what: "a table that never ends", links: { "train.csv": "/dev/zero" }, read: table("train.csv") },
  { what: "a Parquet file that never ends", links: { "a.parquet": "/dev/zero" }, read: table("a.parquet") },
  ...["evil_os_system.bin", "evil_builtins_eval.bin", "evil_nested.bin", "deflated.bin"].map(pickle),
  { what: "a config of 3e8 labels", files: { "config.json": { ...CONFIG, num_labels: 3e8 } }, read: readConfig },
  { what: "a config of JSON in JSON", files: { "config.json": "[".repeat(2_000_000) }, read: readConfig },
  {
    what: "an expression without end",
    files: adapter({ target_modules: `(${"a{100}".repeat(200)})` }),
    read: settings,
  },
  { what: "ranks for 20,000 expressions", files: adapter({ rank_pattern: patterns(20_000) }), read: settings },
  {
    what: "a setting named __proto__",
    files: { "adapter_config.json": withProto('"peft_type":"LORA"') },
    read: settings,
  },
  { what: "a vocabulary with an id of 2^31", files: vocabulary('"a":2147483648'), read: tokenizer },
  { what: "columns twice", files: { "a.csv": "__proto__,__proto__\n1,2\n" }, read: table("a.csv") },
];

function withProto(more: string): string {
  return `{"__proto__":{"polluted":true},${more}}`;
}

function patterns(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`(\\w+)+${i}`, 1]));
}

function vocabulary(entries: string): object {
  return { "vocab.json": `{"__proto__":3,"<s>":0,"</s>":1,"<pad>":2,${entries}}`, "merges.txt": "a b\n" };
}

for (const { what, files = {}, links = {}, read } of ATTACKS) {
  test(`a repository with ${what} is refused in less than a second`, async () => {
    const folder = temporaryFolder();
    if (!("config.json" in links)) writeFiles(folder, { "config.json": CONFIG });
    writeFiles(folder, files as Record<string, string | object>);
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
    const start = performance.now();
    await assert.rejects(async () => read(folder), { name: "FileFormatError" });
    const ms = performance.now() - start;
    assert.ok(ms < 1000, `${ms} ms`);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
}

test("names that mean something to JavaScript are names", async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    "config.json": withProto('"model_type":"bert"'),
    "a.jsonl": `${withProto('"label":1')}\n`,
    ...vocabulary('"b":4'),
  });
  writeFiles(folder, { "a.csv": "__proto__,constructor\n1,2\n" });
  assert.equal(readConfig(folder).config.modelType, "bert");
  assert.equal((await AutoTokenizer.fromPretrained(folder)).vocabSize >= 5, true);
  for (const name of ["a.jsonl", "a.csv"]) {
    const { rows } = await readTable(join(folder, name));
    assert.ok(Object.hasOwn(rows[0] ?? {}, "__proto__"), name);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
