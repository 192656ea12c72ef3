/** Trainers over small models, and what they leave on disk. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Dataset, type Row } from "../../lib/data/dataset";
import { tokenizeDataset } from "../../lib/data/tokenize";
import { AutoTokenizer, type Tokenizer } from "../../lib/data/tokenizer/tokenizer";
import { accuracy } from "../../lib/evaluate/metrics";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel, PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { TrainingArguments } from "../../lib/train/arguments";
import type { LogEntry } from "../../lib/train/callbacks";
import { Trainer } from "../../lib/train/trainer";
import type { TrainerOptions } from "../../lib/train/trainer-types";
import { writeFiles } from "./folders";
import { type CaseName, caseFile, fixture, readFixture } from "./golden";
import { TINY_ROWS, tinyModel } from "./tiny";

/** trainer/trainer.json */
export interface TrainerFixture {
  spec: { batch: number; epochs: number; lr: number; logging_steps: number; train_seed: number };
  train_rows: Row[];
  eval_rows: Row[];
  row_order_as_read: number[];
  log_history: Record<string, number>[];
  global_step: number;
  train_loss: number;
  best_metric: number;
  best_checkpoint: string;
  eval_after_best_is_loaded: { eval_loss: number; eval_accuracy: number };
}

/** The reference's run. */
export function trainerFixture(): TrainerFixture {
  return readFixture<TrainerFixture>("trainer", "trainer.json");
}

/** A Trainer that repeats the reference's run, on any case's model and adapter. */
export async function goldenTrainer(
  model: PeftModel,
  args: TrainingArguments,
  options: Partial<TrainerOptions> = {},
): Promise<Trainer> {
  const { spec, train_rows, eval_rows } = trainerFixture();
  const tokenizer: Tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
  const tokenized = (rows: Row[]): Dataset => tokenizeDataset(Dataset.fromRows(rows), tokenizer, { text: "text" });
  return new Trainer({
    model,
    args: {
      numTrainEpochs: spec.epochs,
      perDeviceTrainBatchSize: spec.batch,
      perDeviceEvalBatchSize: spec.batch,
      learningRate: spec.lr,
      loggingSteps: spec.logging_steps,
      seed: spec.train_seed,
      evalStrategy: "epoch",
      saveStrategy: "epoch",
      loadBestModelAtEnd: true,
      ...args,
    },
    trainDataset: tokenized(train_rows),
    evalDataset: tokenized(eval_rows),
    tokenizer,
    computeMetrics: (prediction) => ({ accuracy: accuracy(prediction) }),
    ...options,
  });
}

/** A case's model with dropout everywhere, and its first adapter with dropout before A. */
export async function modelWithDropout(name: CaseName, folder: string): Promise<PeftModel> {
  const config = readFixture<object>("cases", name, "model", "config.json");
  const adapterConfig = readFixture<object>("cases", name, "adapter_init", "adapter_config.json");
  cpSync(caseFile(name, "model"), join(folder, "model"), { recursive: true });
  cpSync(caseFile(name, "adapter_init"), join(folder, "adapter"), { recursive: true });
  writeFiles(folder, {
    "model/config.json": { ...config, hidden_dropout_prob: 0.1, attention_probs_dropout_prob: 0.2 },
    "adapter/adapter_config.json": { ...adapterConfig, lora_dropout: 0.3 },
  });
  const model = await AutoModelForSequenceClassification.fromPretrained(join(folder, "model"));
  return PeftModel.fromPretrained(model, join(folder, "adapter"), { isTrainable: true });
}

/** A Trainer of a tiny model's adapter on five rows in batches of two: three steps an epoch. */
export function tinyTrainer(args: TrainingArguments, options: Partial<TrainerOptions> = {}): Trainer {
  return new Trainer({
    model: getPeftModel(tinyModel(), new LoraConfig({ r: 2 })),
    args: {
      perDeviceTrainBatchSize: 2,
      numTrainEpochs: 2,
      learningRate: 0.01,
      loggingSteps: 1,
      saveStrategy: "no",
      ...args,
    },
    trainDataset: Dataset.fromRows(TINY_ROWS),
    evalDataset: Dataset.fromRows(TINY_ROWS),
    ...options,
  });
}

/** Weights and moments of a checkpoint, as bytes. */
export function checkpointBytes(folder: string): Buffer[] {
  return ["adapter_model.safetensors", "optimizer.safetensors"].map((name) => readFileSync(join(folder, name)));
}

/** Entries without what a clock decides. */
export function withoutTimes(history: readonly LogEntry[]): Record<string, number>[] {
  return history.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => !/Runtime|Second/.test(key))),
  );
}
