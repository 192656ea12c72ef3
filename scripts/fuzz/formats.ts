/** The formats that files of others come in: valid files to begin with, and who reads them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readTable } from "../../lib/data/table";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { readJson } from "../../lib/files/json";
import { checkManifest } from "../../lib/files/manifest";
import { SafetensorsFile } from "../../lib/files/safetensors";
import type { TensorFile } from "../../lib/files/tensor-file";
import { TorchCheckpoint } from "../../lib/files/torch-checkpoint";
import { fromAdapterConfig } from "../../lib/lora/adapter-config";
import { readConfig } from "../../lib/model/config";
import { readCheckpoint } from "../../lib/train/checkpoint";

/** One format. */
export interface Format {
  /** The name under which a case is written. */
  file: string;
  /** Valid files. */
  seeds: readonly Buffer[];
  /** Reads a case as a run would, all of it. */
  read(file: string): unknown;
}

const FIXTURES = join(__dirname, "..", "..", "test", "fixtures");
const fixtures = (...patterns: string[]): Buffer[] => patterns.flatMap((name) => readFileSync(join(FIXTURES, name)));

const PATHS = ["roberta.encoder.layer.0.attention.self.query", "classifier.dense"];

function readTensors(file: TensorFile): void {
  for (const [name, { dtype }] of file.tensors) if (!/^(C|F[468])/.test(dtype)) file.readFloat32(name);
}

const state = {
  ...{ global_step: 4, max_steps: 8, epoch: 0.5, best_metric: null, train_batch_size: 2, seed: 42, optim: "adamw" },
  ...{ gradient_accumulation_steps: 1, train_rows: 16, epoch_ended: false, stateful_callbacks: { A: { best: 1 } } },
  losses: { sum: 1.5, steps: 4 },
  log_history: [{ step: 2, loss: 0.7 }],
};
const run = {
  model: { load: async () => {} },
  optimizer: { load: () => {} },
  args: { perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 1, seed: 42, optim: "adamw" },
  ...{ trainRows: 16, maxSteps: 8 },
} as unknown as Parameters<typeof readCheckpoint>[1];

/** All of them, by their names on the command line. */
export const FORMATS: Readonly<Record<string, Format>> = {
  safetensors: {
    file: "model.safetensors",
    seeds: fixtures("good/dtypes.safetensors", "broken/ok_metadata.safetensors", "broken/ok_order_differs.safetensors"),
    read: (file) => readTensors(SafetensorsFile.open(file)),
  },
  bin: {
    file: "pytorch_model.bin",
    seeds: fixtures("good/views.bin", "good/dtypes.bin", "pickles/ok_plain_dict.bin"),
    read: async (file) => readTensors(await TorchCheckpoint.open(file)),
  },
  config: {
    file: "config.json",
    seeds: fixtures("cases/roberta-seed/model/config.json", "problems/distilbert/model/config.json"),
    read: (file) => readConfig(dirname(file)),
  },
  tokenizer: {
    file: "tokenizer.json",
    seeds: fixtures("tokenizer/tokenizer.json"),
    read: async (file) =>
      (await AutoTokenizer.fromPretrained(dirname(file)))(["I helped. ", "<s>é"], { truncation: true }),
  },
  "adapter-config": {
    file: "adapter_config.json",
    seeds: fixtures("lora/layers/adapter_config.json", "lora/expression/adapter_config.json"),
    read: (file) => {
      const config = fromAdapterConfig(readJson(file), file);
      for (const path of PATHS) if (config.targets(path)) config.scalingOf(path);
    },
  },
  // Without a manifest beside it, as of earlier versions: with one, a changed file is refused before it is read.
  "trainer-state": {
    file: "trainer_state.json",
    seeds: [Buffer.from(JSON.stringify(state, null, 2))],
    read: (file) => readCheckpoint(dirname(file), run),
  },
  manifest: {
    file: "manifest.json",
    seeds: [Buffer.from(JSON.stringify({ sha256: { "adapter_model.safetensors": "0".repeat(64), "a.json": "" } }))],
    read: (file) => checkManifest(dirname(file)),
  },
  csv: {
    file: "train.csv",
    seeds: [Buffer.from('text,label\n"He said ""no"", then\nleft",1\nplain,0\n'), Buffer.from("a;b\r\n1;é\r\n")],
    read: (file) => readTable(file),
  },
  jsonl: {
    file: "train.jsonl",
    seeds: [Buffer.from('{"text": "I helped.", "label": 1}\n\n{"text": "é", "label": {"a": [1, 2]}}\n')],
    read: (file) => readTable(file),
  },
  parquet: {
    file: "train.parquet",
    seeds: fixtures(
      ...["brotli", "gzip", "lz4", "named", "none", "snappy", "zstd"].map((kind) => `parquet/${kind}.parquet`),
    ),
    read: (file) => readTable(file),
  },
};
