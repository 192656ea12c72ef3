/** The commands of `npm run bench` and their options. */
import { helpLine, type Option, parse, UsageError, words } from "../cli/command-line";
import type { BenchOptions } from "./measure";

const JOBS = ["train", "eval"] as const;
const DTYPES = ["float32", "bfloat16"] as const;
export type Job = (typeof JOBS)[number];
export type Dtype = (typeof DTYPES)[number];

/** Options of `compare`. */
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
  /** Rows of the peer's evaluation batches at its best. */
  evalBatch: number;
  /** File for the figures. */
  out: string | undefined;
}

/** Options of `curve`. */
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

/** A command with its options. */
export type Command =
  | ({ command: Job } & BenchOptions)
  | ({ command: "compare" } & CompareOptions)
  | ({ command: "curve" } & CurveOptions)
  | { command: "leak" };

function count(name: string, help: string, initial?: number): Option {
  const allowed = (value: number, typed: string): boolean => /^\d+$/.test(typed) && value > 0;
  const required = initial === undefined;
  return { name, kind: "integer", help, initial, required, expects: "a whole number above 0", allowed };
}

/** An option with one of several words; by default the first. */
function choice(name: string, list: readonly string[], help: string): Option {
  return { name, kind: "text", help, initial: list[0], expects: `one of ${list.join(", ")}`, choices: words(list) };
}

/** An option with several of some words; by default all. */
function some(name: string, list: readonly string[], help: string): Option {
  const expects = `some of ${list.join(", ")}, with commas between them`;
  return { ...choice(name, list, help), kind: "list", initial: [...list], expects };
}

function path(name: string, placeholder: string, expects: string): Option {
  return { name, kind: "text", placeholder, expects, help: expects, required: true };
}

const inputs = path("inputs", "DIR", "a folder made by scripts/bench/prepare.py");
const peer = path("peer", "PYTHON", "the Python of an environment with torch, transformers, peft and accelerate");
const dtype = choice("dtype", DTYPES, "number format of the frozen weights");

/** The commands, their help and their options. */
const COMMANDS: readonly { names: readonly string[]; help: string; options: readonly Option[] }[] = [
  {
    names: JOBS,
    help: "one run on prepared batches",
    options: [
      inputs,
      count("steps", "batches, after one that warms up"),
      dtype,
      count("rank", "LoRA's r", 8),
      choice("optim", ["adamw", "adamw_8bit"], "optimizer"),
      { name: "profile", kind: "flag", initial: false, help: "a table of the time of each TensorFlow operation too" },
    ],
  },
  {
    names: ["compare"],
    help:
      "this library and Hugging Face's Trainer with PEFT, run in turn: training with the config's dropout and with\n" +
      "none, half precision also against the peer's float32; evaluation also against the peer at its best",
    options: [
      peer,
      inputs,
      count("pairs", "runs of each side", 5),
      count("steps", "counted batches of a run", 4),
      some("jobs", JOBS, "what is compared"),
      some("dtypes", DTYPES, "number formats of the frozen weights"),
      count("evalBatch", "rows of the peer's evaluation batches at its best, of similar length", 16),
      { ...path("out", "FILE.json", "a file for the figures, with every run"), required: false },
    ],
  },
  {
    names: ["curve"],
    help: "seconds a training step by tokens of a row, and the peer's",
    options: [
      peer,
      path("out", "DIR", "a folder for curve.json and cost-curve.png"),
      choice("size", ["large", "base", "tiny"], "size of the model"),
      dtype,
      count("pairs", "runs of each side at each point", 3),
      count("steps", "counted batches of a run", 3),
    ],
  },
  {
    names: ["leak"],
    help: "500 training steps of the demo: tensors, handles and memory must not grow",
    options: [],
  },
];

/** The text of `--help`. */
export const HELP = [
  "npm run --silent bench -- COMMAND [options]      the figures come as one JSON line on stdout, all else on stderr",
  ...COMMANDS.flatMap(({ names, help, options }) => [
    "",
    `  ${names.join("|").padEnd(12)}${help.replaceAll("\n", `\n${" ".repeat(14)}`)}`,
    ...options.map((option) => `  ${helpLine(option)}`),
  ]),
].join("\n");

/** @throws {UsageError} an unknown command or option, a missing or a bad value */
export function readCommand(args: readonly string[]): Command | "help" {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || args.includes("--help")) return "help";
  const command = COMMANDS.find(({ names }) => names.includes(name));
  if (!command) {
    const names = COMMANDS.flatMap(({ names }) => names).join(", ");
    throw new UsageError(`\`${name}\`: expected one of ${names}.\n\n${HELP}`);
  }
  const initial = Object.fromEntries(command.options.map(({ name, initial }) => [name, initial]));
  const job = command.names === JOBS ? { job: name } : {};
  return { command: name, ...job, ...initial, ...parse(rest, command.options) } as unknown as Command;
}
