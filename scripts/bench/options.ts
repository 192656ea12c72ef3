/** The commands of `npm run bench` and what each is told. */
import { UsageError } from "../cli/command-line";
import { Given } from "./given";
import type { BenchOptions } from "./measure";

const JOBS = ["train", "eval"] as const;
const DTYPES = ["float32", "bfloat16"] as const;
export type Job = (typeof JOBS)[number];
export type Dtype = (typeof DTYPES)[number];

/** What `compare` is told. */
export interface CompareOptions {
  /** A Python with torch, transformers and peft. */
  peer: string;
  /** Folder with model/ and batches.json. */
  inputs: string;
  pairs: number;
  /** Counted batches of a run. */
  steps: number;
  jobs: Job[];
  dtypes: Dtype[];
  /** Rows of the peer's evaluation batches where it is at its best. */
  evalBatch: number;
  /** File for the figures. */
  out: string | undefined;
}

/** What `curve` is told. */
export interface CurveOptions {
  peer: string;
  /** Folder for curve.json and cost-curve.png. */
  out: string;
  size: "large" | "base" | "tiny";
  dtype: Dtype;
  /** Runs of each side at each point. */
  pairs: number;
  steps: number;
}

/** What was asked for. */
export type Command =
  | ({ command: Job } & BenchOptions)
  | ({ command: "compare" } & CompareOptions)
  | ({ command: "curve" } & CurveOptions)
  | { command: "leak" };

const INPUTS = "a folder made by scripts/bench/prepare.py";
const PEER = "the Python of an environment with torch, transformers, peft and accelerate";

export const HELP = `npm run --silent bench -- COMMAND [options]      the figures come as one JSON line on stdout, all else on stderr

  train|eval  one run on prepared batches
    --inputs DIR                ${INPUTS}
    --steps N                   batches, after one that warms up
    --dtype float32|bfloat16    [float32]
    --rank N                    LoRA's r [8]
    --optim adamw|adamw_8bit    [adamw]
    --profile                   a table of the time of each TensorFlow operation too

  compare     this library and Hugging Face's Trainer with PEFT, run in turn: training with the config's dropout and with
              none, half precision also against the peer's float32; evaluation also against the peer at its best
    --peer PYTHON               ${PEER}
    --inputs DIR                ${INPUTS}
    --pairs N                   [5]
    --steps N                   [4]
    --jobs train,eval           [both]
    --dtypes float32,bfloat16   [both]
    --eval-batch N              rows of the peer's evaluation batches at its best, of similar length [16]
    --out FILE.json             the figures, with every run

  curve       seconds a training step by tokens of a row, and the peer's
    --peer PYTHON               ${PEER}
    --out DIR                   gets curve.json and cost-curve.png
    --size large|base|tiny      [large]
    --dtype float32|bfloat16    [float32]
    --pairs N                   [3]
    --steps N                   [3]

  leak        500 training steps of the demo: tensors, handles and memory must not grow`;

/** @throws {UsageError} an unknown command or option, a missing or a bad value */
export function readCommand(args: readonly string[]): Command | "help" {
  const [command, ...rest] = args;
  if (command === undefined || command === "help" || args.includes("--help")) return "help";
  if (!Object.hasOwn(READERS, command)) {
    throw new UsageError(`\`${command}\`: expected one of ${Object.keys(READERS).join(", ")}.\n\n${HELP}`);
  }
  const given = new Given(rest);
  const read = READERS[command as keyof typeof READERS](given);
  given.refuseRest();
  return read;
}

const READERS = {
  train: (given: Given): Command => ({ command: "train", ...runOptions(given, "train") }),
  eval: (given: Given): Command => ({ command: "eval", ...runOptions(given, "eval") }),
  compare: (given: Given): Command => ({
    command: "compare",
    peer: given.text("peer", PEER),
    inputs: given.text("inputs", INPUTS),
    pairs: given.count("pairs", 5),
    steps: given.count("steps", 4),
    jobs: given.some("jobs", JOBS),
    dtypes: given.some("dtypes", DTYPES),
    evalBatch: given.count("evalBatch", 16),
    out: given.optional("out", "a file for the figures"),
  }),
  curve: (given: Given): Command => ({
    command: "curve",
    peer: given.text("peer", PEER),
    out: given.text("out", "a folder for curve.json and cost-curve.png"),
    size: given.choice("size", ["large", "base", "tiny"], "large"),
    dtype: given.choice("dtype", DTYPES, "float32"),
    pairs: given.count("pairs", 3),
    steps: given.count("steps", 3),
  }),
  leak: (_: Given): Command => ({ command: "leak" }),
};

function runOptions(given: Given, job: Job): BenchOptions {
  return {
    job,
    inputs: given.text("inputs", INPUTS),
    steps: given.count("steps"),
    dtype: given.choice("dtype", DTYPES, "float32"),
    rank: given.count("rank", 8),
    optim: given.choice("optim", ["adamw", "adamw_8bit"], "adamw"),
    profile: given.flag("profile"),
  };
}
