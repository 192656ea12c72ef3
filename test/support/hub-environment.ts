/** The hub's settings of a test: an empty cache of its own, no token, and no way out of this machine. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { temporaryFolder } from "./folders";
import { gitHash, type Hub, type ServedRepository, startHub } from "./hub-server";

const FIXTURES = join(__dirname, "..", "fixtures");
const OURS = /^(HF_|HUGGING|TRANSFORMERS_OFFLINE|XDG_CACHE|(https?|all|no)_proxy$)/i;
const VARIABLES = Object.keys(process.env).filter((name) => OURS.test(name));

/** Gives each test of a file its own settings. @returns where the current test's cache is */
export function ownHubEnvironment(): { cache: string } {
  const environment = { cache: "" };
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  const clear = (): void => {
    for (const name of Object.keys(process.env)) if (OURS.test(name)) delete process.env[name];
  };
  beforeEach(() => {
    clear();
    environment.cache = temporaryFolder();
    process.env.HF_HOME = environment.cache;
    process.env.HF_HUB_CACHE = environment.cache;
    process.env.HF_HUB_ETAG_TIMEOUT = "2";
    process.env.HF_ENDPOINT = "http://127.0.0.1:2"; // nobody listens
  });
  afterEach(() => {
    clear();
    for (const [name, value] of before) process.env[name] = value;
  });
  return environment;
}

/** A hub with these repositories that the current test's settings name. */
export async function serve(...repositories: ServedRepository[]): Promise<Hub> {
  const hub = await startHub(...repositories);
  process.env.HF_ENDPOINT = hub.endpoint;
  return hub;
}

export const MODEL_ID = "siebert/sentiment-roberta-large-english";
export const DATASET_ID = "hendrycks/ethics";
export const MODEL_FOLDER = "models--siebert--sentiment-roberta-large-english";
export const DATASET_FOLDER = "datasets--hendrycks--ethics";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const LATER_COMMIT = "89abcdef0123456789abcdef0123456789abcdef";

/** The default model's repository, small: no safetensors and no tokenizer.json. */
export function smallModel(changes: Partial<ServedRepository> = {}): ServedRepository {
  const model = (name: string): Buffer => readFileSync(join(FIXTURES, "cases", "roberta-head", "model", name));
  const tokenizer = (name: string): Buffer => readFileSync(join(FIXTURES, "tokenizer", name));
  const files = {
    "README.md": Buffer.from("Not needed."),
    "config.json": model("config.json"),
    "merges.txt": tokenizer("merges.txt"),
    "pytorch_model.bin": model("pytorch_model.bin"),
    "special_tokens_map.json": Buffer.from('{"bos_token": "<s>", "mask_token": "<mask>"}'),
    "tokenizer_config.json": tokenizer("tokenizer_config.json"),
    "vocab.json": tokenizer("vocab.json"),
  };
  return { kind: "model", id: MODEL_ID, commit: COMMIT, files, ...changes };
}

/** The default dataset's repository, small. */
export function smallDataset(changes: Partial<ServedRepository> = {}): ServedRepository {
  const csv = (text: string): Buffer => Buffer.from(`label,input,is_short,edited\n0,${text},True,False\n`);
  const files = {
    "data/commonsense/test.csv": csv("I fed the cat."),
    "data/commonsense/test_hard.csv": csv("I fed the lion."),
    "data/commonsense/train.csv": csv("I fed the dog."),
    "data/justice/train.csv": Buffer.from("label,scenario\n1,I deserve it.\n"),
    "ethics.py": Buffer.from("# a loader, which is not run"),
  };
  return { kind: "dataset", id: DATASET_ID, commit: COMMIT, files, ...changes };
}

/** Puts files into a cache as Python's huggingface_hub does. @returns the snapshot's folder */
export function cacheAsPython(
  cache: string,
  folder: string,
  files: Record<string, string | Buffer>,
  { commit = COMMIT, absent = [] as string[] } = {},
): string {
  const repository = join(cache, folder);
  const write = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  write(join(repository, "refs", "main"), commit);
  for (const [name, content] of Object.entries(files)) {
    const blob = join(repository, "blobs", gitHash(Buffer.from(content)));
    const pointer = join(repository, "snapshots", commit, name);
    write(blob, content);
    mkdirSync(dirname(pointer), { recursive: true });
    symlinkSync(relative(dirname(pointer), blob), pointer);
  }
  for (const name of absent) write(join(repository, ".no_exist", commit, name), "");
  return join(repository, "snapshots", commit);
}
