/** Asks the Hugging Face hub by its own library, with care for the token and errors that say what to do. */
import { datasetInfo, listFiles, modelInfo, pathsInfo } from "@huggingface/hub";
import { HubError } from "./error";
import type { HubSettings } from "./settings";

/** A repository of the hub. */
export interface Repository {
  kind: "model" | "dataset";
  /** E.g. "FacebookAI/roberta-large". */
  id: string;
}

/** A file as the hub announces it. */
export interface HubFile {
  /** Bytes. */
  size: number;
  /** Its blob's name: SHA-256 of the content for large files (64 digits), git's SHA-1 for others (40 digits). */
  hash: string;
}

/** A full commit hash, which never comes to mean another version. */
export const COMMIT = /^[0-9a-f]{40}$/;

/** Answers questions about one repository. */
export class HubClient {
  readonly #settings: HubSettings;

  constructor(
    readonly repository: Repository,
    settings: HubSettings,
  ) {
    this.#settings = settings;
  }

  /** @returns the commit that a branch, tag or commit stands for now */
  commitOf(revision: string): Promise<string> {
    return this.#question(async (common) => {
      const query = { ...common, name: this.repository.id, revision, additionalFields: ["sha" as const] };
      const { sha } = await (this.repository.kind === "model" ? modelInfo(query) : datasetInfo(query));
      if (!COMMIT.test(sha)) throw new Error(`the commit ${sha}`);
      return sha;
    });
  }

  /** @returns those of the paths that are files of the commit */
  filesAt(commit: string, paths: readonly string[]): Promise<Map<string, HubFile>> {
    return this.#question(async (common) => {
      const { kind, id } = this.repository;
      const found = await pathsInfo({ ...common, repo: { type: kind, name: id }, revision: commit, paths: [...paths] });
      return announced(found.filter(({ path }) => paths.includes(path)));
    });
  }

  /** @returns all files of the commit */
  allFiles(commit: string): Promise<Map<string, HubFile>> {
    return this.#question(async (common) => {
      const { kind, id } = this.repository;
      const query = { ...common, repo: { type: kind, name: id }, revision: commit, recursive: true };
      const found: Entry[] = [];
      for await (const entry of listFiles(query)) found.push(entry);
      return announced(found);
    });
  }

  /** The URL of a file's content. */
  addressOf(commit: string, file: string): string {
    const { kind, id } = this.repository;
    const folder = kind === "model" ? id : `datasets/${id}`;
    return `${this.#settings.endpoint}/${folder}/resolve/${commit}/${file.split("/").map(encodeURIComponent).join("/")}`;
  }

  /**
   * `fetch` that sends the token to the hub alone (a redirect to another host goes without it, as the fetch standard has it),
   * does not wait for ever, and fails where the answer is an error.
   *
   * @throws {HubError}
   */
  readonly ask = async (address: string | URL | Request, options: RequestInit = {}): Promise<Response> => {
    const { endpoint, token, patience } = this.#settings;
    const url = new URL(address instanceof Request ? address.url : address);
    const headers = new Headers(options.headers);
    if (token !== undefined && url.origin === new URL(endpoint).origin) headers.set("Authorization", `Bearer ${token}`);
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`no answer within ${patience / 1000} s`)), patience);
    let response: Response;
    try {
      response = await fetch(url, { ...options, headers, signal: silence.signal });
    } catch (error) {
      throw this.unreachable(reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw this.#refusal(response);
    }
    return response;
  };

  /** The error for a hub, or a proxy in its place, that gave no usable answer. */
  unreachable(got: string): HubError {
    return new HubError(
      "unreachable",
      `\`${this.repository.id}\`: expected an answer from ${this.#settings.endpoint}, got ${got}. Check the network, or name a folder that holds the files.`,
    );
  }

  async #question<T>(ask: (common: { hubUrl: string; fetch: typeof fetch }) => Promise<T>): Promise<T> {
    try {
      return await ask({ hubUrl: this.#settings.endpoint, fetch: this.ask });
    } catch (error) {
      throw error instanceof HubError ? error : this.unreachable(error instanceof Error ? error.message : `${error}`);
    }
  }

  #refusal(response: Response): HubError {
    const { kind, id } = this.repository;
    const { endpoint, token } = this.#settings;
    const code = response.headers.get("X-Error-Code");
    const got = `HTTP ${response.status}${code === null ? "" : ` ${code}`}`;
    if (
      new URL(response.url).origin !== new URL(endpoint).origin ||
      response.status === 429 ||
      response.status >= 500
    ) {
      return this.unreachable(`${got} from ${new URL(response.url).host}`);
    }
    if (code === "RevisionNotFound") {
      return new HubError(
        "revision",
        `\`${id}\`: expected a revision that the hub has, got ${got}. Check \`revision\`.`,
      );
    }
    if (code === "EntryNotFound") {
      return new HubError("files", `\`${id}\`: expected the file ${response.url}, got ${got}.`);
    }
    const page = `${endpoint}/${kind === "model" ? "" : "datasets/"}${id}`;
    if (code === "GatedRepo" || response.status === 403) {
      const remedy = `Ask for access at ${page}, then set HF_TOKEN to a token that has it.`;
      return new HubError(
        "access",
        `\`${id}\`: expected access to this gated repository, got ${got} ${token === undefined ? "without a token" : "with the token"}. ${remedy}`,
      );
    }
    if (/invalid credentials/i.test(response.headers.get("X-Error-Message") ?? "")) {
      const remedy = "Make a new token at the hub, or remove HF_TOKEN and the token file.";
      return new HubError(
        "access",
        `\`${id}\`: expected a valid token, got ${got}: the hub refuses this one. ${remedy}`,
      );
    }
    const remedy = `Check the name; a private repository needs a token with access in HF_TOKEN${token === undefined ? " (none is set)" : ""}.`;
    return new HubError("repository", `\`${id}\`: expected a ${kind} at ${page}, got ${got}. ${remedy}`);
  }
}

/** A file or folder as the hub's library gives it. */
interface Entry {
  type: string;
  path: string;
  size: number;
  oid?: string;
  lfs?: { oid: string; size: number };
}

function announced(entries: readonly Entry[]): Map<string, HubFile> {
  const files = entries.filter(({ type }) => type === "file");
  return new Map(
    files.map(({ path, lfs, oid, size }) => {
      const hash = lfs?.oid ?? oid ?? "";
      if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw new Error(`the hash ${hash} for ${path}`);
      if (/(^|[\\/])\.{1,2}([\\/]|$)|^[\\/]/.test(path)) throw new Error(`the path ${path}`);
      return [path, { size: lfs?.size ?? size, hash }];
    }),
  );
}

/** The innermost cause of a failed fetch. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
