/** Where model and dataset come from: what was named, else the original's from the hub or its cache, else the embedded demo. */
import { basename, join, resolve } from "node:path";
import { HubError } from "../hub/error";
import { type HubOptions, resolveModel } from "../hub/resolve";
import { resolveDataset } from "./dataset";

/** The original's model and dataset. */
export const DEFAULT_MODEL = "siebert/sentiment-roberta-large-english";
export const DEFAULT_DATASET = "hendrycks/ethics";

const DEMO = resolve(__dirname, "../../data/demo");

/** What was asked for. */
export interface SourceOptions extends Pick<HubOptions, "offline" | "onProgress"> {
  /** Folder or hub id of the model; empty takes the original's. */
  model?: string;
  /** Folder or hub id of the dataset; empty takes the original's. */
  dataset?: string;
  /** Part of the dataset (default "commonsense"). */
  config?: string;
  /** True takes the embedded demo for what is not named. */
  demo?: boolean;
}

/** What is used. */
export interface Sources {
  /** Folder of the model. */
  model: string;
  /** Folder of the dataset. */
  dataset: string;
  /** True where the demo stands for the model, the dataset or both. */
  demo: { model: boolean; dataset: boolean };
  /** What a person should know of the choice. */
  banner: string;
}

/** One of the two, chosen. */
interface Choice {
  folder: string;
  demo: boolean;
  line: string;
  /** True where the hub did not answer. */
  silence: boolean;
}

/**
 * Chooses model and dataset, each on its own, and downloads what is not in the Hugging Face cache.
 *
 * @throws a model or dataset was named and cannot be had: it is never replaced by the demo
 * @throws {RangeError} the demo would stand for the dataset and does not have this part of it
 */
export async function chooseSources(options: SourceOptions = {}): Promise<Sources> {
  const model = await choose("model", options);
  // A hub that did not answer is not waited for twice.
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
  const demo = { folder: join(DEMO, kind === "model" ? "model" : "ethics"), demo: true };
  if (named === "" && options.demo) {
    if (kind === "dataset") checkDemoHas(options.config);
    return { ...demo, line: `${kind}: the embedded demo, as asked`, silence: false };
  }
  const id = named || (kind === "model" ? DEFAULT_MODEL : DEFAULT_DATASET);
  try {
    const folder = await (kind === "model" ? resolveModel : resolveDataset)(id, options);
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

/** @param why the demo stands in, where that was not asked for */
function checkDemoHas(config = "commonsense", why = ""): void {
  if (config === "commonsense") return;
  throw new RangeError(
    `\`config\`: expected commonsense, all that the embedded demo has, got ${config}. Name a folder or hub id with ETHICS's own files: --dataset FOLDER.${why}`,
  );
}
