/** What workers are given: model, rows, arguments and tokenizer, in a folder that each of them reads. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Dataset } from "../../data/dataset";
import type { TokenizedRow } from "../../data/rows";
import { AutoTokenizer, type Tokenizer } from "../../data/tokenizer/tokenizer";
import { writeFileAtomic } from "../../files/atomic";
import { type JsonObject, readJson } from "../../files/json";
import { readJsonl } from "../../files/jsonl";
import { PeftModel } from "../../lora/peft-model";
import { type Classifier, SequenceClassifier } from "../../model/classifier";
import { PairRanker } from "../../model/pair-ranker";
import type { FloatDtype } from "../../tensor/raw-op";
import type { ResolvedArguments } from "../arguments";

/** A training for workers. */
export interface Job {
  model: Classifier;
  args: ResolvedArguments;
  trainDataset: Dataset;
  evalDataset: Dataset | undefined;
  tokenizer: Tokenizer | undefined;
  /** Whether metrics are asked for, beside the loss. */
  hasMetrics: boolean;
}

/** How a model is put together again. */
interface ModelTraits {
  dtype: FloatDtype;
  hasAdapter: boolean;
  ranksPairs: boolean;
  trainable: string[];
}

const FILES = { job: "job.json", train: "train.jsonl", eval: "eval.jsonl" };

/** Columns that workers read: what the model takes, and the texts for messages. */
const COLUMNS = ["inputIds", "tokenTypeIds", "textLengths", "label", "input", "inputPair"] as const;

/** @throws {TypeError} the model is of a class of one's own, which no other process could make again */
export function writeJob(folder: string, { model, args, trainDataset, evalDataset, tokenizer, hasMetrics }: Job): void {
  const { base, adapted, ranksPairs } = partsOf(model);
  mkdirSync(folder, { recursive: true });
  base.savePretrained(join(folder, "model"));
  adapted?.savePretrained(join(folder, "adapter"));
  tokenizer?.savePretrained(join(folder, "tokenizer"));
  writeRows(join(folder, FILES.train), trainDataset);
  if (evalDataset) writeRows(join(folder, FILES.eval), evalDataset);
  const traits: ModelTraits = {
    dtype: base.dtype,
    hasAdapter: adapted !== undefined,
    ranksPairs,
    trainable: model.trainableParameters().map(({ name }) => name),
  };
  const parts = { hasEval: evalDataset !== undefined, hasTokenizer: tokenizer !== undefined, hasMetrics };
  writeFileAtomic(join(folder, FILES.job), JSON.stringify({ args, traits, ...parts }));
}

export async function readJob(folder: string): Promise<Job> {
  const { args, traits, hasEval, hasTokenizer, hasMetrics } = readJson(join(folder, FILES.job));
  return {
    model: await readModel(folder, traits as unknown as ModelTraits),
    args: args as unknown as ResolvedArguments,
    trainDataset: readRows(join(folder, FILES.train)),
    evalDataset: hasEval ? readRows(join(folder, FILES.eval)) : undefined,
    tokenizer: hasTokenizer ? await AutoTokenizer.fromPretrained(join(folder, "tokenizer")) : undefined,
    hasMetrics: hasMetrics === true,
  };
}

function partsOf(model: Classifier): {
  base: SequenceClassifier;
  adapted: PeftModel | undefined;
  ranksPairs: boolean;
} {
  const ranksPairs = model instanceof PairRanker;
  const inner = ranksPairs ? model.model : model;
  if (inner instanceof PeftModel) return { base: inner.baseModel, adapted: inner, ranksPairs };
  if (inner instanceof SequenceClassifier) return { base: inner, adapted: undefined, ranksPairs };
  throw new TypeError(
    `\`model\`: expected one of this library's classes, which workers can load, got ${model.constructor.name}.`,
  );
}

async function readModel(folder: string, traits: ModelTraits): Promise<Classifier> {
  const base = await SequenceClassifier.fromPretrained(join(folder, "model"), { dtype: traits.dtype });
  const adapted = traits.hasAdapter ? await PeftModel.fromPretrained(base, join(folder, "adapter")) : undefined;
  const wanted = new Set(traits.trainable);
  const parameters = [...base.parameters.values(), ...(adapted?.adapterParameters.values() ?? [])];
  for (const parameter of parameters) parameter.requiresGrad = wanted.has(parameter.name);
  const model = adapted ?? base;
  return traits.ranksPairs ? new PairRanker(model) : model;
}

function writeRows(file: string, split: Dataset): void {
  const columns = COLUMNS.filter((name) => split.columnNames.includes(name));
  writeFileAtomic(file, linesOf(split, columns));
}

function* linesOf(split: Dataset, columns: readonly string[]): Generator<Uint8Array> {
  for (const row of split.rows()) yield Buffer.from(`${JSON.stringify(row, [...columns])}\n`);
}

function readRows(file: string): Dataset {
  return Dataset.fromRows(readJsonl(file).rows as (JsonObject & TokenizedRow)[]);
}
