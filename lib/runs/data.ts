/** Describes and checks the data of a run before a model is loaded. Nothing here needs TensorFlow. */
import type { DatasetDict } from "../data/dataset";
import { type LoadDatasetOptions, loadDataset } from "../ethics/load-dataset";
import { ETHICS_PARTS, ethicsPart } from "../ethics/parts";
import { DEMO_MODEL } from "../ethics/sources";
import { checkLabels } from "../evaluate/check-labels";
import { printDownloads } from "../hub/progress";
import { resolveModel } from "../hub/resolve";
import { readConfig } from "../model/config";
import { RUN_DEFAULTS, type RunParameters } from "./parameters";

/** Parameters for reading data other than ETHICS. */
const OWN_DATA = ["textColumn", "textPairColumn", "labelColumn", "encoding", "validationShare", "swapLabels"] as const;

/** The parameters that the data of a run depends on. */
export type DataParameters = Pick<RunParameters, (typeof OWN_DATA)[number] | "config" | "trainSplit" | "evalSplit"> &
  Pick<RunParameters, "seed" | "newHead">;

/** The data of a run. */
export interface RunData {
  /** Part of ETHICS, or of other data; "default" if that has no parts. */
  config: string;
  evalSplit: string;
  /** Names of the labels that a model is trained on, label 0 first. */
  labelNames: readonly string[];
  /** Whether the data is not ETHICS. */
  isOwn: boolean;
}

/** Options for `loadDataset`. */
export function datasetOptionsFor(parameters: DataParameters & { offline?: boolean }): LoadDatasetOptions {
  const {
    config,
    seed,
    offline = false,
    textColumn,
    textPairColumn,
    labelColumn,
    encoding,
    validationShare,
  } = parameters;
  return {
    config: config || undefined,
    offline,
    validationShare: validationShare || undefined,
    seed: validationShare ? seed : undefined, // else nothing depends on it
    textColumn: textColumn || undefined,
    textPairColumn: textPairColumn || undefined,
    labelColumn: labelColumn || undefined,
    encoding,
  };
}

/**
 * Describes the data of a run.
 *
 * @param model folder of the model
 * @throws {RangeError} parameters, data and model do not fit together
 */
export function describeData(parameters: DataParameters, dataset: DatasetDict, model: string): RunData {
  const { config, trainSplit, swapLabels } = parameters;
  dataset.get(trainSplit);
  const names = dataset.labelNames;
  const data = names
    ? { labelNames: swapLabels ? [...names].reverse() : names, isOwn: true }
    : ethicsLabels(parameters);
  if (swapLabels && data.labelNames.length !== 2) {
    throw new RangeError(`\`swapLabels\`: expected two labels, got ${data.labelNames.join(", ")}. Leave it out.`);
  }
  checkHead(parameters, data, model);
  const ownConfig = Object.hasOwn(ETHICS_PARTS, config) ? "default" : config;
  return { ...data, config: names ? ownConfig : config, evalSplit: evalSplitOf(parameters, dataset) };
}

/** @throws {RangeError} there is no such part, or a parameter is for other data only */
function ethicsLabels(parameters: DataParameters): { labelNames: readonly string[]; isOwn: boolean } {
  const wrong = OWN_DATA.find((name) => parameters[name] !== RUN_DEFAULTS[name]);
  if (wrong === undefined) return { labelNames: ethicsPart(parameters.config).labelNames, isOwn: false };
  throw new RangeError(`\`${wrong}\`: expected with data of your own, got it for ETHICS, whose layout is known.`);
}

/** Checks that the head has an output for each label, unless it is new or ranks pairs. */
function checkHead({ config, newHead }: DataParameters, { labelNames, isOwn }: Partial<RunData>, model: string): void {
  const ranks = !isOwn && ethicsPart(config).numLabels === 1;
  if (!newHead && !ranks) checkLabels(readConfig(model), { labelNames });
}

/** The split to evaluate on: by default validation if there is no test split with labels. */
function evalSplitOf({ evalSplit: wanted, trainSplit }: DataParameters, dataset: DatasetDict): string {
  const isLabelled = (name: string): boolean =>
    dataset.names.includes(name) && dataset.get(name).columnNames.some((column) => !column.startsWith("input"));
  if (isLabelled(wanted)) return wanted;
  const isChoice = wanted === RUN_DEFAULTS.evalSplit && trainSplit !== "validation";
  if (isChoice && isLabelled("validation")) return "validation";
  const got = dataset.names.includes(wanted) ? `${wanted}, in which every label is -1` : dataset.names.join(", ");
  throw new RangeError(
    `\`evalSplit\`: expected a split ${wanted} with labels, got ${got}. Take a share of train to evaluate on, \`validationShare: 0.1\`, or name another split.`,
  );
}

/**
 * Checks that data, parameters and model of a run fit together, as the run itself will. If no dataset is named, only the
 * part of ETHICS and the model are checked.
 *
 * @throws they do not
 */
export async function checkData(parameters: RunParameters): Promise<void> {
  const { dataset, model, offline } = parameters;
  const folder = model === "" ? DEMO_MODEL : await resolveModel(model, { offline, parts: [] });
  if (dataset === "") return checkHead(parameters, ethicsLabels(parameters), folder);
  const options = { ...datasetOptionsFor(parameters), onProgress: printDownloads() };
  describeData(parameters, await loadDataset(dataset, options), folder);
}
