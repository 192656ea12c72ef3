/** Chooses how many rows to train and evaluate on within a given time. */

import type { Dataset } from "../data/dataset";
import { type TokenizedRow, tokenizedRows } from "../data/rows";
import { predictLogits } from "../evaluate/predict";
import type { Classifier } from "../model/classifier";
import { problemTypeOf } from "../model/config";
import { checkOptions, type OptionKinds } from "../process/options";
import { DropoutStream } from "../tensor/dropout";
import { tf } from "../tensor/tensorflow";
import { estimateMemory } from "./guards/memory-estimate";
import { computeGradients } from "./train-step";

/** What is measured, and for how much training. */
export interface BudgetOptions {
  /** A model with trainable parameters. */
  model: Classifier;
  trainDataset: Dataset;
  evalDataset: Dataset;
  /** Rows a training step. */
  batchSize: number;
  epochs: number;
  /** Times that evalDataset is evaluated. */
  evaluations: number;
  /** Time for training and evaluations together (default 15). */
  minutes?: number;
  /** Seed of the rows that are measured. */
  seed: number;
}

const OPTIONS: OptionKinds<BudgetOptions> = {
  model: "object",
  trainDataset: "object",
  evalDataset: "object",
  batchSize: "number",
  epochs: "number",
  evaluations: "number",
  minutes: "number",
  seed: "number",
};

/** Row counts that fit the time budget, and estimates for all rows. */
export interface Budget {
  /** Rows to train on. */
  trainRows: number;
  /** Rows to evaluate. */
  evalRows: number;
  /** Estimate for all rows, in minutes. */
  minutesForAll: number;
  /** Estimate of the memory that the largest training step takes beside the weights, in bytes. */
  memoryBytes: number;
}

/**
 * Measures a training step and an evaluation of typical rows, the first of each left out, and scales both splits down by
 * one factor until they fit.
 */
export async function rowsWithinBudget(options: BudgetOptions): Promise<Budget> {
  checkOptions("rowsWithinBudget", options, OPTIONS);
  const { model, trainDataset, evalDataset, batchSize, seed } = options;
  const rowsOf = (split: Dataset): TokenizedRow[] =>
    tokenizedRows(split, model.config.id2label.length, problemTypeOf(model.config));
  const sample = (split: Dataset): TokenizedRow[] => rowsOf(split.sample(2 * batchSize, seed));
  const train = await secondsPerToken(sample(trainDataset), batchSize, async (rows) => {
    const { loss, gradients } = computeGradients(model, rows, { dropout: new DropoutStream(seed, 0) });
    await loss.data();
    tf.dispose([loss, ...gradients.values()]);
  });
  const evaluation = await secondsPerToken(sample(evalDataset), batchSize, async (rows) => {
    await predictLogits(model, rows, { rows: batchSize });
  });
  const trainRows = rowsOf(trainDataset);
  const trainSeconds = train * tokenCount(trainRows) * options.epochs;
  const evalSeconds = evaluation * tokenCount(rowsOf(evalDataset)) * options.evaluations;
  const minutesForAll = (trainSeconds + evalSeconds) / 60;
  const share = Math.min(1, (options.minutes ?? 15) / minutesForAll);
  return {
    trainRows: Math.max(batchSize, Math.floor(trainDataset.numRows * share)),
    evalRows: Math.max(batchSize, Math.floor(evalDataset.numRows * share)),
    minutesForAll,
    memoryBytes: estimateMemory(model, longest(trainRows, batchSize)),
  };
}

async function secondsPerToken(
  rows: TokenizedRow[],
  batchSize: number,
  work: (rows: TokenizedRow[]) => Promise<void>,
): Promise<number> {
  await work(rows.slice(0, batchSize));
  const measured = rows.length > batchSize ? rows.slice(batchSize) : rows;
  const started = performance.now();
  await work(measured);
  return (performance.now() - started) / 1000 / tokenCount(measured);
}

/** The batch that would need most memory: the longest rows together. */
function longest(rows: TokenizedRow[], batchSize: number): TokenizedRow[] {
  return [...rows].sort((a, b) => b.inputIds.length - a.inputIds.length).slice(0, batchSize);
}

function tokenCount(rows: TokenizedRow[]): number {
  return rows.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
}
