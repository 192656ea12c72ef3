/** Uploads what a training leaves to the Hugging Face hub: the adapter or model, its card, ONNX files. */
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRepo, uploadFiles } from "@huggingface/hub";
import { checkOptions, type OptionKinds } from "../process/options";
import { HubClient } from "./client";
import { HubError, reasonOf } from "./error";
import { hubSettings } from "./settings";

/** Options of `pushToHub`. */
export interface PushOptions {
  /** A token that may write (default: HF_TOKEN, or the one that Python's login keeps). */
  token?: string;
  /** Whether a new repository is private (default false); one that is there stays as it is. */
  private?: boolean;
  /** Branch to commit to (default "main"). */
  branch?: string;
  /** Title of the commit (default "Upload by Ethics for Robots 101"). */
  commitMessage?: string;
  /** True: nothing is uploaded, the plan is returned (default false). */
  dryRun?: boolean;
}

const PUSH_OPTIONS: OptionKinds<PushOptions> = {
  token: "string",
  private: "boolean",
  branch: "string",
  commitMessage: "string",
  dryRun: "boolean",
};

/** What was pushed, or with `dryRun` would be. */
export interface PushResult {
  /** Page of the repository. */
  url: string;
  /** Files by their paths in the repository. */
  files: { path: string; bytes: number }[];
  /** Hash of the commit; none after a dry run. */
  commit: string | undefined;
}

/** Milliseconds until an upload is answered: the answer comes only after the content. */
const UPLOAD_PATIENCE = 600_000;

/** Names that are pushed; pickles and a training's own files are not. */
const PUSHED =
  /^(README\.md|(adapter_)?config\.json|(adapter_)?model(-\d+-of-\d+)?\.safetensors|model\.safetensors\.index\.json|tokenizer(_config)?\.json|special_tokens_map\.json|vocab\.(json|txt)|merges\.txt|onnx\/[\w.-]+\.onnx(_data)?)$/;

/**
 * Pushes a folder as a model of the hub, in one commit.
 *
 * @param folder a run's folder (its `adapter` is pushed, and its `onnx` where it has one), or one with an adapter, a model
 *   or an ONNX export
 * @param id the repository, "user/name"; made where it is not there
 * @throws {RangeError} the id has another form, or the folder has nothing to push
 * @throws {HubError} the hub refuses it or cannot be reached
 */
export async function pushToHub(folder: string, id: string, options: PushOptions = {}): Promise<PushResult> {
  checkOptions("pushToHub", options, PUSH_OPTIONS);
  const { branch = "main", dryRun = false, commitMessage = "Upload by Ethics for Robots 101" } = options;
  if (!/^\w[\w.-]*\/\w[\w.-]*$/.test(id) || /--|\.\./.test(id)) {
    throw new RangeError(`\`id\`: expected the hub's user/name, got ${id}.`);
  }
  const settings = { ...hubSettings(), ...(options.token === undefined ? {} : { token: options.token }) };
  const url = `${settings.endpoint}/${id}`;
  const found = filesToPush(folder);
  const files = found.map(({ path, bytes }) => ({ path, bytes }));
  if (dryRun) return { url, files, commit: undefined };
  if (settings.token === undefined) {
    throw new HubError("access", `\`${id}\`: expected a token that may write, got none. Set HF_TOKEN.`);
  }
  const client = new HubClient({ kind: "model", id }, settings);
  const common = {
    repo: { type: "model" as const, name: id },
    hubUrl: settings.endpoint,
    fetch: ((address, init) => client.ask(address, init, UPLOAD_PATIENCE)) as typeof fetch,
  };
  try {
    await makeRepository({ ...common, private: options.private ?? false });
    const content = found.map(({ path, file }) => ({ path, content: pathToFileURL(file) }));
    const made = await uploadFiles({ ...common, files: content, branch, commitTitle: commitMessage });
    return { url, files, commit: made?.commit.oid };
  } catch (error) {
    throw explained(error, id, client);
  }
}

/** Makes a repository where it is not there. */
async function makeRepository(options: {
  repo: { type: "model"; name: string };
  hubUrl: string;
  fetch: typeof fetch;
  private: boolean;
}): Promise<void> {
  try {
    // The client adds the token itself, and only for the hub.
    await createRepo({ ...options, accessToken: "hf_" });
  } catch (error) {
    if (!(error instanceof HubError && error.details.status === 409)) throw error;
  }
}

function explained(error: unknown, id: string, client: HubClient): unknown {
  if (!(error instanceof HubError)) return client.unreachable(reasonOf(error));
  if (error.details.status !== 401 && error.details.status !== 403) return error;
  const got = `HTTP ${error.details.status}`;
  const remedy = "Set HF_TOKEN to a token with write access, and check the user's name.";
  return new HubError(
    "access",
    `\`${id}\`: expected a token that may write there, got ${got}. ${remedy}`,
    error.details,
  );
}

function filesToPush(folder: string): { path: string; file: string; bytes: number }[] {
  const adapter = join(folder, "adapter");
  const root = existsSync(join(adapter, "adapter_config.json")) ? adapter : folder;
  const found = [...listed(root, ""), ...listed(join(folder, "onnx"), "onnx/")].filter(({ path }) => PUSHED.test(path));
  if (!found.some(({ path }) => /\.(safetensors|onnx)$/.test(path))) {
    const expected = "a folder with an adapter, a model in safetensors or ONNX files";
    throw new RangeError(`\`folder\`: expected ${expected}, got ${folder}, which has none.`);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The plain files of a folder; links are left out, since they may lead anywhere. */
function listed(folder: string, prefix: string): { path: string; file: string; bytes: number }[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .map((name) => ({ path: prefix + name, file: join(folder, name), stats: lstatSync(join(folder, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ path, file, stats }) => ({ path, file, bytes: stats.size }));
}
