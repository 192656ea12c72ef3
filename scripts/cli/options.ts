import type { EthicsConfig } from "../../lib/ethics/parts";

/** A value that a parameter of the notebook can take. */
export type ParameterValue = string | number | boolean | string[];

/** One option of the command line; all but `overwrite` are a `let` of the notebook's parameters cell. */
export interface Option {
  /** Its name in the notebook. */
  name: string;
  kind: "text" | "integer" | "number" | "list" | "flag";
  initial: ParameterValue;
  /** What it does, for `--help`. */
  help: string;
  /** What a value must be, for `--help` and for errors. */
  expects?: string;
  allowed?: (value: number) => boolean;
  choices?: Record<string, string>;
}

const positive = { expects: "a whole number above 0", allowed: (value: number): boolean => value > 0 };
const CONFIGS = {
  commonsense: "commonsense",
  justice: "justice",
  deontology: "deontology",
  virtue: "virtue",
  utilitarianism: "utilitarianism",
} satisfies { [Config in EthicsConfig]: Config };
const OPTIMIZERS = { adamw_8bit: "adamw_8bit", adamw: "adamw", adamw_bnb_8bit: "adamw_8bit", adamw_torch: "adamw" };

/** Every option, in the order of the parameters cell. */
export const OPTIONS: readonly Option[] = [
  { name: "model", kind: "text", initial: "", help: "Hugging Face id or folder of the model; empty: the original's" },
  { name: "dataset", kind: "text", initial: "", help: "Hugging Face id or folder of the data; empty: the original's" },
  { name: "config", kind: "text", initial: "commonsense", help: "part of ETHICS", choices: CONFIGS },
  { name: "trainSplit", kind: "text", initial: "train", help: "split to train on" },
  { name: "evalSplit", kind: "text", initial: "test", help: "split to evaluate on" },
  {
    name: "trainLimit",
    kind: "integer",
    initial: 0,
    help: "train on a seeded sample of so many rows; 0: all",
    ...limit(),
  },
  {
    name: "evalLimit",
    kind: "integer",
    initial: 0,
    help: "evaluate on a seeded sample of at most so many rows, in whole groups; 0: all",
    ...limit(),
  },
  { name: "rank", kind: "integer", initial: 8, help: "LoRA's r", ...positive },
  { name: "alpha", kind: "number", initial: 8, help: "LoRA's alpha", expects: "a number above 0", allowed: above(0) },
  {
    name: "dropout",
    kind: "number",
    initial: 0,
    help: "LoRA's dropout",
    expects: "a number from 0 to below 1",
    allowed: (value) => value >= 0 && value < 1,
  },
  {
    name: "targetModules",
    kind: "list",
    initial: ["query", "value"],
    help: "layers that LoRA adapts",
    expects: "names with commas between them",
  },
  { name: "trainHead", kind: "flag", initial: false, help: "train the classification head too" },
  {
    name: "epochs",
    kind: "number",
    initial: 1,
    help: "passes over the training rows",
    expects: "a number above 0",
    allowed: above(0),
  },
  { name: "batchSize", kind: "integer", initial: 4, help: "texts in a training and an evaluation step", ...positive },
  {
    name: "learningRate",
    kind: "number",
    initial: 0,
    help: "AdamW's learning rate; 0: 5e-5 as in the original, the demo has its own",
    expects: "a number from 0 to 1",
    allowed: (value) => value >= 0 && value <= 1,
  },
  { name: "saveSteps", kind: "integer", initial: 0, help: "steps between checkpoints; 0: one each epoch", ...limit() },
  { name: "optim", kind: "text", initial: "adamw_8bit", help: "optimizer", choices: OPTIMIZERS },
  {
    name: "dtype",
    kind: "text",
    initial: "float32",
    help: "number format of the frozen weights",
    choices: { float32: "float32", bfloat16: "bfloat16" },
  },
  { name: "seed", kind: "integer", initial: 42, help: "seed of sampling, order, dropout and LoRA's start", ...limit() },
  { name: "out", kind: "text", initial: "../runs/notebook", help: "the run's folder; default runs/<date and time>" },
  { name: "full", kind: "flag", initial: false, help: "all rows, however long that takes" },
  { name: "demo", kind: "flag", initial: false, help: "the embedded demo model and data" },
  { name: "offline", kind: "flag", initial: false, help: "never ask the Hugging Face hub" },
  { name: "resume", kind: "flag", initial: false, help: "go on with the cut-off run in --out" },
  { name: "tensorboard", kind: "flag", initial: false, help: "write TensorBoard's event file too" },
];

/** Every parameter of the notebook where nothing else was given, whatever its file says. */
export const INITIAL_VALUES: Readonly<Record<string, ParameterValue>> = Object.fromEntries(
  OPTIONS.map(({ name, initial }) => [name, initial]),
);

/** Options of the command alone. */
export const COMMAND_OPTIONS: readonly Option[] = [
  { name: "overwrite", kind: "flag", initial: false, help: "replace the run in --out" },
  { name: "help", kind: "flag", initial: false, help: "print this" },
];

function limit(): Pick<Option, "expects" | "allowed"> {
  return { expects: "a whole number, 0 or above", allowed: (value) => value >= 0 };
}

function above(least: number): (value: number) => boolean {
  return (value) => value > least;
}

/** An option as it is typed: `trainLimit` is `--train-limit`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
