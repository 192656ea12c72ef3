/** The options of `npm start`: the parameters of the notebook, in the order of its parameter cells, and those of the command. */
import { ETHICS_PARTS } from "../../lib/ethics/parts";
import { RUN_DEFAULTS, type RunParameters } from "../../lib/runs/parameters";
import { LEARNING_RATES } from "../../lib/runs/training";
import { flagOf, type Given, helpLine, type Option, type ParameterValue, parse, words } from "./command-line";

const ORIGINAL_RATE = LEARNING_RATES.original.toExponential();
const above = { expects: "a number above 0", allowed: (value: number): boolean => value > 0 };
const positive = { ...above, kind: "integer", expects: "a whole number above 0" } as const;
const notNegative = { kind: "integer", expects: "a whole number, 0 or above", allowed: (n: number) => n >= 0 } as const;
const OPTIMIZERS = { adamw_8bit: "adamw_8bit", adamw: "adamw", adamw_bnb_8bit: "adamw_8bit", adamw_torch: "adamw" };
const rates = { expects: "a number from 0 to 1", allowed: (value: number): boolean => value >= 0 && value <= 1 };
const shares = { expects: "a number above 0 and below 1", allowed: (n: number): boolean => n > 0 && n < 1 };
const dropouts = { expects: "a number from 0 to below 1", allowed: (n: number): boolean => n >= 0 && n < 1 };

/** A parameter of the notebook. */
interface Parameter extends Option {
  initial: ParameterValue;
}

function option(name: string, initial: ParameterValue, help: string, more: Partial<Option> = {}): Parameter {
  const kinds = { boolean: "flag", number: "number", string: "text", object: "list" } as const;
  return { name, kind: kinds[typeof initial as keyof typeof kinds], initial, help, ...more };
}

/** Help and constraints of each parameter of a run. */
const ABOUT: Record<keyof RunParameters, [help: string, more?: Partial<Option>]> = {
  rank: ["LoRA's r", positive],
  alpha: ["LoRA's alpha", above],
  demo: ["the embedded demo model and data"],
  model: ["Hugging Face id or folder of the model; empty: the original's"],
  dataset: ["Hugging Face id, folder or file (CSV, TSV, JSONL, Parquet) of the data; empty: the original's"],
  config: [`part of ETHICS (${Object.keys(ETHICS_PARTS).join(", ")}) or of your own data`],
  trainSplit: ["split to train on"],
  evalSplit: ["split to evaluate on; validation where there is no test"],
  textColumn: ["of your own data: column of the texts"],
  textPairColumn: ["of your own data: column of a second text"],
  labelColumn: ["of your own data: column of the labels, 2 to 100 numbers or names"],
  encoding: ["of your own data: encoding of CSV, TSV and JSONL", { choices: words(["utf-8", "latin1"]) }],
  validationShare: ["of your own data: share of train that becomes the split validation", shares],
  swapLabels: ["of your own data: exchange its two labels"],
  trainLimit: ["train on a seeded sample of so many rows; 0: all", notNegative],
  evalLimit: ["evaluate on a seeded sample of at most so many rows, in whole groups; 0: all", notNegative],
  full: ["all rows, however long that takes"],
  dropout: ["LoRA's dropout", dropouts],
  targetModules: ["layers that LoRA adapts", { expects: "names with commas between them" }],
  trainHead: ["train the classification head too"],
  newHead: ["train a new head, with as many outputs as there are labels"],
  dtype: ["number format of the frozen weights", { choices: words(["float32", "bfloat16"]) }],
  epochs: ["passes over the training rows", above],
  batchSize: ["texts in a training and an evaluation step", positive],
  learningRate: [`AdamW's learning rate; 0: ${ORIGINAL_RATE} as in the original, the demo has its own`, rates],
  optim: ["optimizer", { choices: OPTIMIZERS }],
  saveSteps: ["steps between checkpoints; 0: one each epoch", notNegative],
  seed: ["seed of sampling, order, dropout and LoRA's start", notNegative],
  workers: ["processes that share out the training, a GPU or some cores each; see docs/scale.md", positive],
  workerHosts: ["addresses of workers on several machines, this one's first", { placeholder: "a:2222,b:2222" }],
  workerTimeout: ["seconds that a worker may keep the others waiting", above],
  out: ["the run's folder; default runs/<date and time>", { placeholder: "DIR" }],
  resume: ["go on with the cut-off run in --out"],
  offline: ["never ask the Hugging Face hub"],
  tensorboard: ["write TensorBoard's event file too"],
};

/** All parameters of the notebook, in the order of its parameter cells. */
export const OPTIONS: readonly Parameter[] = Object.entries(ABOUT).map(([name, [help, more]]) =>
  option(name, RUN_DEFAULTS[name as keyof RunParameters] as ParameterValue, help, more),
);

/** Options of the command alone. */
export const COMMAND_OPTIONS: readonly Option[] = [
  option("overwrite", false, "replace the run in --out"),
  {
    name: "workerIndex",
    kind: "integer",
    help: "with --worker-hosts: this machine's place in them, from 0; from 1 on nothing else is needed",
    expects: "a whole number, 0 or above",
    allowed: (index) => index >= 0,
  },
  option("help", false, "print this"),
];

/** Defaults of all parameters of the notebook. */
export const INITIAL_VALUES: Readonly<Given> = Object.fromEntries(OPTIONS.map(({ name, initial }) => [name, initial]));

/**
 * Reads the command line of `npm start`.
 * @returns the values of the given options
 * @throws {UsageError} an unknown option, a missing or a bad value
 */
export const parseOptions = (args: readonly string[]): Given => parse(args, [...OPTIONS, ...COMMAND_OPTIONS]);

/** Rewrites an error of the library for the command line: `textColumn: "a"` becomes --text-column "a". */
export function asTyped(message: string): string {
  return message.replace(/`(\w+)(?:: ([^`]+))?`/g, (found, name: string, value?: string) => {
    if (![...OPTIONS, ...COMMAND_OPTIONS].some((option) => option.name === name)) return found;
    return `\`${flagOf(name)}${value === undefined || value === "true" ? "" : ` ${value}`}\``;
  });
}

/** @returns the text of `--help` */
export function helpText(): string {
  return [
    "npm start -- [options]     run notebooks/ethics.ipynb from the first cell to the last",
    "",
    ...[...OPTIONS, ...COMMAND_OPTIONS].map((option) => helpLine({ ...option, initial: shown(option) })),
  ].join("\n");
}

/** Default for the help; the command's `out` is a new folder, not the notebook's default. */
function shown({ name, initial }: Option): ParameterValue | undefined {
  return name === "out" ? undefined : initial;
}
