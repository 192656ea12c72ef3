/** Parameters of a run: those of the notebook, which are also the options of the command line. */
import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import type { TextEncoding } from "../files/text";
import type { OptimizerName } from "../train/arguments";
import { runPaths } from "./run-folder";

/** All parameters of a run. Empty texts and zeros mean a default that depends on the other parameters. */
export interface RunParameters {
  /** LoRA's r (default 8). */
  rank: number;
  /** LoRA's alpha (default 8). */
  alpha: number;
  /** Use the embedded demo for what is not named (default false). */
  demo: boolean;
  /** Folder or Hugging Face id of the model (default "": the original's, or the demo if that is not available). */
  model: string;
  /** Folder, file or Hugging Face id of the data (default "": the original's, or the demo). */
  dataset: string;
  /** Part of ETHICS (default "commonsense"), or of other data that has several. */
  config: string;
  /** Split to train on (default "train"). */
  trainSplit: string;
  /** Split to evaluate on (default "test"; where there is none, validation). */
  evalSplit: string;
  /** Of your own data: column of the texts (default "": the first with a usual name, such as text or review). */
  textColumn: string;
  /** Of your own data: column of a second text that is read with the first (default "": sentence2 and the like, else none). */
  textPairColumn: string;
  /** Of your own data: column of the labels (default "": the first with a usual name, such as label or sentiment). */
  labelColumn: string;
  /** Of your own data: encoding of CSV, TSV and JSONL (default "utf-8"). */
  encoding: TextEncoding;
  /** Of your own data: share of train that becomes the split validation, below 1 (default 0: none). */
  validationShare: number;
  /** Of your own data: exchange its two labels, so that the first is 1 (default false; commonsense always is). */
  swapLabels: boolean;
  /** Train on a seeded sample of so many rows; 0 for all, or for as many as a quarter of an hour allows (default 0). */
  trainLimit: number;
  /** Evaluate on a seeded sample of at most so many rows, in whole groups; 0 means the same as for trainLimit (default 0). */
  evalLimit: number;
  /** Use all rows, however long that takes (default false). */
  full: boolean;
  /** LoRA's dropout, from 0 to below 1 (default 0). */
  dropout: number;
  /** Layers that get an adapter (default ["query", "value"]). */
  targetModules: readonly string[];
  /** Train the classification head too (default false); always done where labels have nothing to do with sentiment. */
  trainHead: boolean;
  /** Replace the head's last layer by a new one with an output for each label, and train it (default false). */
  newHead: boolean;
  /** Number format of the frozen matrices (default "float32"). */
  dtype: "float32" | "bfloat16";
  /** Passes over the training rows (default 1). */
  epochs: number;
  /** Rows of a training step (default 4). */
  batchSize: number;
  /** Highest learning rate; 0 for 5e-5, or the demo's 2e-3 (default 0). */
  learningRate: number;
  /** Optimizer, with 8-bit or 32-bit state (default "adamw_8bit"). */
  optim: OptimizerName;
  /** Steps between checkpoints; 0 for one after each epoch, the best of which is loaded at the end (default 0). */
  saveSteps: number;
  /** Seed of samples, row order, dropout and LoRA's initial weights (default 42). */
  seed: number;
  /** Folder of the run (default "../runs/notebook"). */
  out: string;
  /** Never ask the Hugging Face hub (default false). */
  offline: boolean;
  /** Go on from the last checkpoint in `out` (default false). */
  resume: boolean;
  /** Write TensorBoard's event file too (default false). */
  tensorboard: boolean;
  /** Processes of this machine that share out the training, each with batches of its own; a GPU or some cores each (default 1). */
  workers: number;
  /** Addresses of workers on several machines, this one's first, as ["a:2222", "b:2222"] (default []). */
  workerHosts: readonly string[];
  /** Seconds that a worker may keep the others waiting before all are ended (default 300). */
  workerTimeout: number;
}

/** Defaults of the notebook. */
export const RUN_DEFAULTS: Readonly<RunParameters> = {
  rank: 8,
  alpha: 8,
  demo: false,
  model: "",
  dataset: "",
  config: "commonsense",
  trainSplit: "train",
  evalSplit: "test",
  textColumn: "",
  textPairColumn: "",
  labelColumn: "",
  encoding: "utf-8",
  validationShare: 0,
  swapLabels: false,
  trainLimit: 0,
  evalLimit: 0,
  full: false,
  dropout: 0,
  targetModules: ["query", "value"],
  trainHead: false,
  newHead: false,
  dtype: "float32",
  epochs: 1,
  batchSize: 4,
  learningRate: 0,
  optim: "adamw_8bit",
  saveSteps: 0,
  seed: 42,
  out: "../runs/notebook",
  offline: false,
  resume: false,
  tensorboard: false,
  workers: 1,
  workerHosts: [],
  workerTimeout: 300,
};

/** The first line of a run's log. */
interface FirstLine {
  event: "run";
  parameters: Partial<RunParameters>;
}

/** Begins the log of a run with its parameters, which resuming and reopening need; an existing log stays. */
export function beginRunLog(folder: string, parameters: Partial<RunParameters>): void {
  const { log } = runPaths(folder);
  if (existsSync(log)) return;
  writeFileAtomic(log, `${JSON.stringify({ time: Date.now(), event: "run", parameters })}\n`);
}

/**
 * Reads the parameters that a run was started with, with defaults for missing ones.
 * @throws {FileFormatError} the log is missing or its first line is not that of a run
 */
export function readRunParameters(folder: string): RunParameters {
  const { log } = runPaths(folder);
  try {
    const [first = ""] = readFileSync(log, "utf8").split("\n", 1);
    const { event, parameters } = JSON.parse(first) as Partial<FirstLine>;
    if (event === "run" && parameters) return { ...RUN_DEFAULTS, ...parameters };
  } catch {
    // No log, or its first line was cut off.
  }
  throw new FileFormatError(log, "expected a log whose first line has the run's parameters, got none.");
}
