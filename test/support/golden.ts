/** The reference's cases in test/fixtures, and comparisons with them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { Classifier, Logits, SequenceClassifier } from "../../lib/model/classifier";
import type { Batch } from "../../lib/model/packing";
import type { FloatDtype } from "../../lib/tensor/raw-op";

/** Models with an adapter that the reference computed. */
export const CASES = [
  "roberta-head",
  "roberta-seed",
  "roberta-8bit",
  "roberta-patterns",
  "xlm-roberta",
  "bert",
] as const;
export type CaseName = (typeof CASES)[number];

/** A batch as it lies in the fixtures: padded, with mask. */
export interface GoldenBatch {
  what: string;
  input_ids: number[][];
  attention_mask: number[][];
  labels: number[];
}

/** forward.json */
export interface ForwardFixture {
  batches: (GoldenBatch & {
    logits: number[][];
    loss: number;
    first_token_of_each_hidden_state: number[][][] | null;
  })[];
}

/** What the golden adapters give, on, off and merged. */
export interface AdaptersFixture {
  logits_adapter_random: number[][][];
  logits_adapter_random_disabled: number[][][];
  logits_merged_random: number[][][];
  merged_changed_tensors: string[];
}

/** Path of a fixture. */
export function fixture(...parts: string[]): string {
  return join(__dirname, "..", "fixtures", ...parts);
}

/** Content of a JSON fixture. */
export function readFixture<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(fixture(...parts), "utf8")) as T;
}

/** Path of a file of a case. */
export function caseFile(name: CaseName, ...parts: string[]): string {
  return fixture("cases", name, ...parts);
}

/** The seven batches of a case, with the base model's answers. */
export function forwardBatches(name: CaseName): ForwardFixture["batches"] {
  return readFixture<ForwardFixture>("cases", name, "forward.json").batches;
}

/** The case's base model. */
export function loadModel(name: CaseName, dtype: FloatDtype = "float32"): Promise<SequenceClassifier> {
  return AutoModelForSequenceClassification.fromPretrained(caseFile(name, "model"), { dtype });
}

/** The case's model with one of its adapters, trainable. */
export async function loadPeft(name: CaseName, adapter: string, dtype: FloatDtype = "float32"): Promise<PeftModel> {
  return PeftModel.fromPretrained(await loadModel(name, dtype), caseFile(name, adapter), { isTrainable: true });
}

/** Frees a model with its adapter. */
export function disposePeft(model: PeftModel): void {
  model.unload().dispose();
}

/** The batch as models take it. */
export function toBatch({ input_ids, attention_mask }: GoldenBatch): Batch {
  return { inputIds: input_ids, attentionMask: attention_mask };
}

/** The batch's rows without their padding, as training takes them. */
export function toRows({ input_ids, attention_mask, labels }: GoldenBatch): { inputIds: number[]; label: number }[] {
  return input_ids.map((ids, i) => ({
    inputIds: ids.filter((_, k) => attention_mask[i]?.[k] === 1),
    label: labels[i] as number,
  }));
}

/** Logits as numbers; their tensor is freed. */
export async function read(logits: Logits): Promise<number[][]> {
  const values = await logits.array();
  logits.dispose();
  return values;
}

/** Logits of every batch. */
export async function logitsOf(model: Classifier, batches: readonly GoldenBatch[]): Promise<number[][][]> {
  const all: number[][][] = [];
  for (const batch of batches) all.push(await read(model.forward(toBatch(batch))));
  return all;
}

/** Numbers in lists of any depth. */
export type Numbers = number | ArrayLike<number> | readonly Numbers[];

/** Those numbers, flat. */
export function flat(values: Numbers): number[] {
  if (typeof values === "number") return [values];
  return Array.from<Numbers>(values as ArrayLike<Numbers>).flatMap((value) => flat(value));
}

/** Fails where a number is further from the expected one than absolute + relative · |expected|. */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  tolerance: { absolute?: number; relative?: number },
  what = "value",
): void {
  const [got, wanted] = [flat(actual), flat(expected)];
  assert.equal(got.length, wanted.length, `${what}: count of numbers`);
  const { absolute = 0, relative = 0 } = tolerance;
  wanted.forEach((value, i) => {
    const limit = absolute + relative * Math.abs(value);
    const difference = Math.abs((got[i] as number) - value);
    assert.ok(difference <= limit, `${what}, number ${i}: expected ${value} ± ${limit}, got ${got[i]}`);
  });
}

/** Share of numbers for which `holds` is true of actual and expected. */
export function shareOf(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  holds: (actual: number, expected: number) => boolean,
): number {
  assert.equal(actual.length, expected.length, "count of numbers");
  const count = Array.from(expected).filter((value, i) => holds(actual[i] as number, value)).length;
  return count / expected.length;
}
