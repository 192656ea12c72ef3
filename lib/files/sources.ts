/** Where model and dataset come from: a folder that was named, else the Hugging Face cache, else the embedded demo. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** The original's model and dataset. */
export const DEFAULT_MODEL = "siebert/sentiment-roberta-large-english";
export const DEFAULT_DATASET = "hendrycks/ethics";

const DEMO = path.resolve(__dirname, "../../data/demo");

/** What was asked for. */
export interface SourceOptions {
  /** Folder or hub id of the model; empty takes the original's. */
  model?: string;
  /** Folder or hub id of the dataset; empty takes the original's. */
  dataset?: string;
  /** True takes the embedded demo for both. */
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

/**
 * Chooses model and dataset, each on its own.
 *
 * @throws a model or dataset was named and is not there: it is never replaced by the demo
 */
export function chooseSources(options: SourceOptions = {}): Sources {
  const kinds = { model: [DEFAULT_MODEL, "models"], dataset: [DEFAULT_DATASET, "datasets"] } as const;
  const choose = (kind: "model" | "dataset"): { folder: string; demo: boolean; line: string } => {
    const named = options[kind] ?? "";
    const demo = path.join(DEMO, kind === "model" ? "model" : "ethics");
    if (named !== "") return { folder: find(named, kind), demo: false, line: `${kind}: ${named}` };
    const [id, plural] = kinds[kind];
    if (options.demo) return { folder: demo, demo: true, line: `${kind}: the embedded demo, as asked` };
    const cached = cachedSnapshot(id, plural);
    if (cached !== undefined)
      return { folder: cached, demo: false, line: `${kind}: ${id}, from the Hugging Face cache` };
    return {
      folder: demo,
      demo: true,
      line: `${kind}: the small embedded DEMO, since ${id} is not in the Hugging Face cache. For the real one name its folder: --${kind} FOLDER`,
    };
  };
  const [model, dataset] = [choose("model"), choose("dataset")];
  return {
    model: model.folder,
    dataset: dataset.folder,
    demo: { model: model.demo, dataset: dataset.demo },
    banner: `${model.line}\n${dataset.line}`,
  };
}

function find(named: string, kind: "model" | "dataset"): string {
  if (fs.existsSync(named)) return named;
  const cached = /^[\w.-]+\/[\w.-]+$/.test(named) ? cachedSnapshot(named, `${kind}s`) : undefined;
  if (cached !== undefined) return cached;
  throw new Error(
    `\`${kind}\`: expected a folder or an id in the Hugging Face cache ${cacheFolder()}, got ${named}, which is neither.`,
  );
}

/** The cache's folder, by the variables that Python's huggingface_hub reads. */
function cacheFolder(): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const home = HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "huggingface");
  return HF_HUB_CACHE ?? path.join(home, "hub");
}

/** The cached files of a repository's main branch, if they are there. */
function cachedSnapshot(id: string, kind: string): string | undefined {
  const repository = path.join(cacheFolder(), `${kind}--${id.replaceAll("/", "--")}`);
  const reference = path.join(repository, "refs", "main");
  if (!fs.existsSync(reference)) return undefined;
  const snapshot = path.join(repository, "snapshots", fs.readFileSync(reference, "utf8").trim());
  const needed = kind === "models" ? ["config.json", "model.safetensors", "tokenizer.json"] : ["data"];
  return needed.every((name) => fs.existsSync(path.join(snapshot, name))) ? snapshot : undefined;
}
