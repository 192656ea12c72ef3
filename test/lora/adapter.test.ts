import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SafetensorsFile, type TensorData, writeSafetensors } from "../../lib/files/safetensors";
import { readAdapter, readAdapterConfig, writeAdapter } from "../../lib/lora/adapter";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel, PeftModel } from "../../lib/lora/peft-model";
import { SequenceClassifier } from "../../lib/model/classifier";
import { FAMILIES } from "../../lib/model/families";
import type { ParameterMap } from "../../lib/model/parameters";
import { temporaryFolder, writeFiles } from "../support/folders";
import { caseFile, loadModel, read } from "../support/golden";
import { TINY_BATCH, tinyModel } from "../support/tiny";

const QUERY = "base_model.model.roberta.encoder.layer.0.attention.self.query";

/** The adapter of a tiny model, its files in a folder, and its tensors to be changed and written again. */
function saved(options: ConstructorParameters<typeof LoraConfig>[0] = {}): {
  model: PeftModel;
  folder: string;
  tensors: Map<string, TensorData>;
  write: () => void;
} {
  const folder = temporaryFolder();
  const model = getPeftModel(tinyModel(), new LoraConfig(options));
  model.savePretrained(folder);
  const path = join(folder, "adapter_model.safetensors");
  const file = SafetensorsFile.open(path);
  const tensors = new Map(
    [...file.tensors].map(([name, { shape }]) => [name, { shape, values: file.readFloat32(name).fill(0.25) }]),
  );
  return { model, folder, tensors, write: () => writeSafetensors(path, tensors) };
}

function values(parameters: ParameterMap): number[][] {
  return [...parameters.values()].map(({ value }) => [...value.dataSync()]);
}

test("an adapter's folder holds PEFT's three files, with PEFT's names and shapes", async () => {
  const folder = temporaryFolder();
  const model = await PeftModel.fromPretrained(
    await loadModel("roberta-head"),
    caseFile("roberta-head", "adapter_random"),
  );
  model.savePretrained(folder);
  assert.deepEqual(readdirSync(folder).sort(), ["README.md", "adapter_config.json", "adapter_model.safetensors"]);
  const [ours, theirs] = [folder, caseFile("roberta-head", "adapter_random")].map((path) =>
    SafetensorsFile.open(join(path, "adapter_model.safetensors")),
  ) as [SafetensorsFile, SafetensorsFile];
  assert.deepEqual([...ours.tensors.keys()].sort(), [...theirs.tensors.keys()].sort());
  for (const name of theirs.tensors.keys()) assert.deepEqual(ours.read(name), theirs.read(name), name);
  assert.deepEqual(ours.metadata, { format: "pt" });
  const json = readFileSync(join(folder, "adapter_config.json"), "utf8");
  assert.equal(JSON.parse(json).base_model_name_or_path, caseFile("roberta-head", "model"));
  assert.match(json, /^\{\n {2}"alpha_pattern": \{\},\n/);
  assert.match(readFileSync(join(folder, "README.md"), "utf8"), /^---\nlibrary_name: peft\nbase_model: /);
});

test("the adapter of a model from the hub's cache names the model's id, as PEFT does", async () => {
  const [cached, folder] = [join(temporaryFolder(), "models--org--name", "snapshots", "0123"), temporaryFolder()];
  tinyModel().savePretrained(cached);
  getPeftModel(await SequenceClassifier.fromPretrained(cached), new LoraConfig()).savePretrained(folder);
  const json = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
  assert.equal(json.base_model_name_or_path, "org/name");
  assert.match(readFileSync(join(folder, "README.md"), "utf8"), /\nbase_model: "org\/name"\n[\s\S]*For `org\/name`:/);
});

test("a given model card replaces the short one", () => {
  const folder = temporaryFolder();
  getPeftModel(tinyModel(), new LoraConfig()).savePretrained(folder, { modelCard: "# Mine\n" });
  assert.equal(readFileSync(join(folder, "README.md"), "utf8"), "# Mine\n");
});

test("tensors that carry the adapter's name, as some writers put it, are read", async () => {
  const { model, folder, tensors, write } = saved({ taskType: "SEQ_CLS" });
  for (const [name, data] of [...tensors]) {
    tensors.delete(name);
    tensors.set(name.replace(/\.(weight|bias)$/, ".default.$1"), data);
  }
  write();
  await readAdapter(folder, model.adapterParameters, "none");
  assert.ok(values(model.adapterParameters).every((row) => row.every((value) => value === 0.25)));
});

const misfits: [string, (tensors: Map<string, TensorData>) => void, RegExp][] = [
  [
    "a missing matrix",
    (tensors) => void tensors.delete(`${QUERY}.lora_A.weight`),
    /got 1 differences\.\n {2}`\S+query\.lora_A\.weight`: expected \[8, 8\], got none$/,
  ],
  [
    "another rank",
    (tensors) => void tensors.set(`${QUERY}.lora_B.weight`, { shape: [8, 4], values: new Float32Array(32) }),
    /`\S+query\.lora_B\.weight`: expected \[8, 8\], got \[8, 4\]$/,
  ],
  [
    "an unknown tensor",
    (tensors) => void tensors.set("base_model.model.x.lora_A.weight", { shape: [1], values: new Float32Array(1) }),
    /`base_model\.model\.x\.lora_A\.weight`: expected no such tensor$/,
  ],
  [
    "names without their prefix",
    (tensors) => {
      for (const [name, data] of [...tensors]) {
        tensors.delete(name);
        tensors.set(name.replace("base_model.model.", ""), data);
      }
    },
    /got 16 differences[\s\S]*base_model\.model\.\S+query\.lora_A\.weight`: expected \[8, 8\], got none[\s\S]*\n {2}… and 4 more$/,
  ],
  [
    "a pooler, which a model's checkpoint may have",
    (tensors) =>
      void tensors.set("base_model.model.roberta.pooler.dense.weight", { shape: [1], values: new Float32Array(1) }),
    /`base_model\.model\.roberta\.pooler\.dense\.weight`: expected no such tensor$/,
  ],
  [
    "a number that is none",
    (tensors) => {
      const { values } = tensors.get(`${QUERY}.lora_B.weight`) as TensorData;
      (values as Float32Array)[5] = Number.NaN;
    },
    /`\S+query\.lora_B\.weight`: expected numbers that are finite, got NaN or infinity\./,
  ],
  [
    "a head without its bias",
    (tensors) => void tensors.delete("base_model.model.classifier.dense.bias"),
    /`base_model\.model\.classifier\.dense\.bias`: expected \[8\], got none$/,
  ],
  [
    "no head at all",
    (tensors) => {
      for (const name of [...tensors.keys()]) if (name.includes("classifier")) tensors.delete(name);
    },
    /got 4 differences/,
  ],
];

for (const [what, change, message] of misfits) {
  test(`an adapter with ${what} is refused, and no weight is changed`, async () => {
    const { model, folder, tensors, write } = saved({ taskType: "SEQ_CLS" });
    const before = values(model.adapterParameters);
    change(tensors);
    write();
    await assert.rejects(readAdapter(folder, model.adapterParameters, "none"), { name: "FileFormatError", message });
    assert.deepEqual(values(model.adapterParameters), before);
  });
}

test("a config that asks for another rank or for other modules than the file has is refused", async () => {
  const { folder, model } = saved();
  const base = model.unload();
  const before = await read(base.forward(TINY_BATCH));
  const asking: [ConstructorParameters<typeof LoraConfig>[0], RegExp][] = [
    [{ r: 4 }, /got 4 differences[\s\S]*query\.lora_A\.weight`: expected \[4, 8\], got \[8, 8\]/],
    [{ targetModules: ["query"] }, /value\.lora_A\.weight`: expected no such tensor/],
    [{ targetModules: ["query", "value", "key"] }, /key\.lora_A\.weight`: expected \[8, 8\], got none/],
    [{ taskType: "SEQ_CLS" }, /classifier\.out_proj\.bias`: expected \[2\], got none/],
  ];
  for (const [options, message] of asking) {
    const { folder: other } = saved(options);
    writeFiles(folder, { "adapter_config.json": readFileSync(join(other, "adapter_config.json"), "utf8") });
    await assert.rejects(PeftModel.fromPretrained(base, folder), { name: "FileFormatError", message });
  }
  assert.deepEqual(await read(base.forward(TINY_BATCH)), before);
});

test("settings are written and read back as they were", () => {
  const folder = temporaryFolder();
  const config = new LoraConfig({
    r: 4,
    loraAlpha: 12,
    loraDropout: 0.1,
    targetModules: ["dense"],
    useRslora: true,
    modulesToSave: ["classifier"],
  });
  writeAdapter(folder, { config, base: { name: "org/model", family: FAMILIES.roberta }, parameters: new Map() });
  assert.deepEqual(readAdapterConfig(folder), config);
});
