/** Chooses model and dataset: the named ones, else the original's from the hub or its cache, else the embedded demo. */

import { basename, join, resolve } from "node:path";
import { HubError } from "../hub/error";
import { HUB_OPTIONS, type HubOptions, resolveModel } from "../hub/resolve";
import { checkOptions, type OptionKinds, pickOptions } from "../process/options";
import { DEFAULT_DATASET } from "./dataset";
import { findDataset } from "./load-dataset";

export { DEFAULT_DATASET };

/** Hub id of the original notebook's model. */
export const DEFAULT_MODEL = "siebert/sentiment-roberta-large-english";

const DEMO = resolve(__dirname, "../../data/demo");

/** Folder of the demo's model. */
export const DEMO_MODEL = join(DEMO, "model");

/** Options of {@link chooseSources}. */
export interface SourceOptions extends Pick<HubOptions, "offline" | "onProgress"> {
  /** Folder or hub id of the model (default "": the original's). */
  model?: string;
  /** Folder or hub id of the dataset (default "": the original's). */
  dataset?: string;
  /** Part of the dataset (default "commonsense"). */
  config?: string;
  /** Whether the embedded demo is used for what is not named (default false). */
  demo?: boolean;
}

/** Names and kinds of {@link SourceOptions}. */
export const SOURCE_OPTIONS: OptionKinds<SourceOptions> = {
  offline: "boolean",
  onProgress: "function",
  model: "string",
  dataset: "string",
  config: "string",
  demo: "boolean",
};

/** The model and dataset that were chosen. */
export interface Sources {
  /** Folder of the model. */
  model: string;
  /** Folder of the dataset. */
  dataset: string;
  /** Whether the demo was taken. */
  demo: { model: boolean; dataset: boolean };
  /** A line for the model and one for the dataset: where they come from, and why. */
  banner: string;
}

/** The chosen model or dataset. */
interface Choice {
  folder: string;
  demo: boolean;
  line: string;
  /** Whether the hub did not answer, so that it is not asked again. */
  silence: boolean;
}

/**
 * Chooses model and dataset, each on its own, and downloads what is not in the Hugging Face cache.
 *
 * @throws a named model or dataset is not available; it is never replaced by the demo
 * @throws {RangeError} the demo is needed for the dataset and lacks this part of it
 */
export async function chooseSources(options: SourceOptions = {}): Promise<Sources> {
  checkOptions("chooseSources", options, SOURCE_OPTIONS);
  const model = await choose("model", options);
  const dataset = await choose("dataset", model.silence ? { ...options, offline: true } : options);
  return {
    model: model.folder,
    dataset: dataset.folder,
    demo: { model: model.demo, dataset: dataset.demo },
    banner: `${model.line}\n${dataset.line}`,
  };
}

async function choose(kind: "model" | "dataset", options: SourceOptions): Promise<Choice> {
  const named = options[kind] ?? "";
  const demo = { folder: kind === "model" ? DEMO_MODEL : join(DEMO, "ethics"), demo: true };
  if (named === "" && options.demo) {
    if (kind === "dataset") checkDemoHas(options.config);
    return { ...demo, line: `${kind}: the embedded demo, as asked`, silence: false };
  }
  const id = named || (kind === "model" ? DEFAULT_MODEL : DEFAULT_DATASET);
  try {
    const folder = await (kind === "model"
      ? resolveModel(id, pickOptions(options, HUB_OPTIONS))
      : findDataset(id, options));
    const origin = folder === id ? "" : `, Hugging Face, commit ${basename(folder).slice(0, 7)}`;
    return { folder, demo: false, line: `${kind}: ${id}${origin}`, silence: false };
  } catch (error) {
    if (named !== "" || !(error instanceof HubError)) throw error;
    if (kind === "dataset") checkDemoHas(options.config, ` ${error.message}`);
    return {
      ...demo,
      line: `${kind}: the small embedded DEMO (--${kind} FOLDER for another), since the original's cannot be had. ${error.message}`,
      silence: error.reason === "unreachable",
    };
  }
}

/** @param why reason for the demo, where it was not asked for */
function checkDemoHas(config = "commonsense", why = ""): void {
  if (config === "commonsense") return;
  throw new RangeError(
    `\`config\`: expected commonsense, all that the embedded demo has, got ${config}. Name a folder or hub id with ETHICS's own files: --dataset FOLDER.${why}`,
  );
}
