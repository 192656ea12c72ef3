/** The options of `npm start`: the parameters of the notebook, in the order of its parameters cell, and those of the command. */
import type { EthicsConfig } from "../../lib/ethics/parts";
import { LEARNING_RATES } from "../../lib/runs/training";
import { TRIAL_DEFAULTS, type TrialParameters } from "../../lib/sweep/parameters";
import { type Given, helpLine, type Option, type ParameterValue, parse, words } from "./command-line";

const ORIGINAL_RATE = LEARNING_RATES.original.toExponential();
const above = { expects: "a number above 0", allowed: (value: number): boolean => value > 0 };
const positive = { ...above, kind: "integer", expects: "a whole number above 0" } as const;
const notNegative = { kind: "integer", expects: "a whole number, 0 or above", allowed: (n: number) => n >= 0 } as const;
const CONFIGS = ["commonsense", "justice", "deontology", "virtue", "utilitarianism"] satisfies EthicsConfig[];
const OPTIMIZERS = { adamw_8bit: "adamw_8bit", adamw: "adamw", adamw_bnb_8bit: "adamw_8bit", adamw_torch: "adamw" };
const rates = { expects: "a number from 0 to 1", allowed: (value: number): boolean => value >= 0 && value <= 1 };
const dropouts = { expects: "a number from 0 to below 1", allowed: (n: number): boolean => n >= 0 && n < 1 };

/** A parameter of the notebook. */
interface Parameter extends Option {
  initial: ParameterValue;
}

/** A parameter of the notebook that is told to the trials of a sweep too. */
function shared(name: keyof TrialParameters, help: string, more: Partial<Option> = {}): Parameter {
  return own(name, TRIAL_DEFAULTS[name] as ParameterValue, help, more);
}

function own(name: string, initial: ParameterValue, help: string, more: Partial<Option> = {}): Parameter {
  const kinds = { boolean: "flag", number: "number", string: "text", object: "list" } as const;
  return { name, kind: kinds[typeof initial as keyof typeof kinds], initial, help, ...more };
}

/** Every parameter of the notebook, in the order of its parameters cell. */
export const OPTIONS: readonly Parameter[] = [
  shared("model", "Hugging Face id or folder of the model; empty: the original's"),
  shared("dataset", "Hugging Face id or folder of the data; empty: the original's"),
  shared("config", "part of ETHICS", { choices: words(CONFIGS) }),
  shared("trainSplit", "split to train on"),
  shared("evalSplit", "split to evaluate on"),
  shared("trainLimit", "train on a seeded sample of so many rows; 0: all", notNegative),
  shared("evalLimit", "evaluate on a seeded sample of at most so many rows, in whole groups; 0: all", notNegative),
  shared("rank", "LoRA's r", positive),
  shared("alpha", "LoRA's alpha", above),
  shared("dropout", "LoRA's dropout", dropouts),
  shared("targetModules", "layers that LoRA adapts", { expects: "names with commas between them" }),
  shared("trainHead", "train the classification head too"),
  shared("epochs", "passes over the training rows", above),
  shared("batchSize", "texts in a training and an evaluation step", positive),
  shared("learningRate", `AdamW's learning rate; 0: ${ORIGINAL_RATE} as in the original, the demo has its own`, rates),
  own("saveSteps", 0, "steps between checkpoints; 0: one each epoch", notNegative),
  shared("optim", "optimizer", { choices: OPTIMIZERS }),
  shared("dtype", "number format of the frozen weights", { choices: words(["float32", "bfloat16"]) }),
  shared("seed", "seed of sampling, order, dropout and LoRA's start", notNegative),
  own("out", "../runs/notebook", "the run's folder; default runs/<date and time>", { placeholder: "DIR" }),
  own("full", false, "all rows, however long that takes"),
  shared("demo", "the embedded demo model and data"),
  own("offline", false, "never ask the Hugging Face hub"),
  own("resume", false, "go on with the cut-off run in --out"),
  own("tensorboard", false, "write TensorBoard's event file too"),
];

/** Options of the command alone. */
export const COMMAND_OPTIONS: readonly Option[] = [
  own("overwrite", false, "replace the run in --out"),
  own("help", false, "print this"),
];

/** Every parameter of the notebook where nothing else was given, whatever its file says. */
export const INITIAL_VALUES: Readonly<Given> = Object.fromEntries(OPTIONS.map(({ name, initial }) => [name, initial]));

/**
 * Reads the command line of `npm start`.
 * @returns the options that were typed
 * @throws {UsageError} an unknown option, a missing or a bad value
 */
export const parseOptions = (args: readonly string[]): Given => parse(args, [...OPTIONS, ...COMMAND_OPTIONS]);

/** @returns the text of `--help` */
export function helpText(): string {
  return [
    "npm start -- [options]     run notebooks/ethics.ipynb from the first cell to the last",
    "",
    ...[...OPTIONS, ...COMMAND_OPTIONS].map((option) => helpLine({ ...option, initial: shown(option) })),
  ].join("\n");
}

/** The notebook's own `out` is not that of the command, which names a new folder. */
function shown({ name, initial }: Option): ParameterValue | undefined {
  return name === "out" ? undefined : initial;
}
