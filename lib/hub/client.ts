/** Asks the Hugging Face hub by its own library, with care for the token and errors that say what to do. */
import { datasetInfo, listFiles, modelInfo, pathsInfo } from "@huggingface/hub";
import { BrokenAnswer, codeOf, HubError, type HubErrorDetails, reasonOf } from "./error";
import { BLOB_NAME } from "./hash";
import { wholeAnswer } from "./net/answer";
import { fetchThrough } from "./net/proxy";
import { Retries } from "./net/retries";
import { type Repository, refusalOf, unreachable } from "./refusal";
import type { HubSettings } from "./settings";

export type { Repository };

/** A file as the hub announces it. */
export interface HubFile {
  /** Bytes. */
  size: number;
  /** Its blob's name: SHA-256 of the content for large files (64 digits), git's SHA-1 for others (40 digits). */
  hash: string;
}

/** A full commit hash, which never comes to mean another version. */
export const COMMIT = /^[0-9a-f]{40}$/;

/** Codes of connections that break before the answer begins. A connection that cannot be made is another matter. */
const BROKEN = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/** Answers questions about one repository. */
export class HubClient {
  readonly #settings: HubSettings;

  constructor(
    readonly repository: Repository,
    settings: HubSettings,
  ) {
    this.#settings = settings;
  }

  /**
   * @param retry whether a failing answer is asked for again (default true)
   * @returns the commit that a branch, tag or commit stands for now
   */
  commitOf(revision: string, { retry = true } = {}): Promise<string> {
    return this.#question(
      async (common) => {
        const query = { ...common, name: this.repository.id, revision, additionalFields: ["sha" as const] };
        const { sha } = await (this.repository.kind === "model" ? modelInfo(query) : datasetInfo(query));
        if (!COMMIT.test(sha)) throw new Error(`the commit ${sha}`);
        return sha;
      },
      { retry },
    );
  }

  /** @returns those of the paths that are files of the commit */
  filesAt(commit: string, paths: readonly string[]): Promise<Map<string, HubFile>> {
    return this.#question(async (common) => {
      const { kind, id } = this.repository;
      const found = await pathsInfo({ ...common, repo: { type: kind, name: id }, revision: commit, paths: [...paths] });
      return announced(found.filter(({ path }) => paths.includes(path)));
    });
  }

  /**
   * @param retry whether a failing answer is asked for again (default true)
   * @returns all files of the commit
   */
  allFiles(commit: string, { retry = true } = {}): Promise<Map<string, HubFile>> {
    return this.#question(
      async (common) => {
        const { kind, id } = this.repository;
        const query = { ...common, repo: { type: kind, name: id }, revision: commit, recursive: true };
        const found: Entry[] = [];
        for await (const entry of listFiles(query)) found.push(entry);
        return announced(found);
      },
      { retry },
    );
  }

  /** The URL of a file's content. */
  addressOf(commit: string, file: string): string {
    const { kind, id } = this.repository;
    const folder = kind === "model" ? id : `datasets/${id}`;
    return `${this.#settings.endpoint}/${folder}/resolve/${commit}/${file.split("/").map(encodeURIComponent).join("/")}`;
  }

  /**
   * `fetch` that sends the token to the hub alone (a redirect to another host goes without it, as the fetch standard has it),
   * goes through the proxies that are set, does not wait for ever, and fails where the answer is an error.
   *
   * @param patience milliseconds until the answer begins
   * @throws {HubError}
   */
  readonly ask = async (
    address: string | URL | Request,
    options: RequestInit = {},
    patience = this.#settings.patience,
  ): Promise<Response> => {
    const { endpoint, token, proxies } = this.#settings;
    const url = new URL(address instanceof Request ? address.url : address);
    const headers = new Headers(options.headers);
    headers.delete("Authorization");
    if (token !== undefined && url.origin === new URL(endpoint).origin) headers.set("Authorization", `Bearer ${token}`);
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new Error(`no answer within ${patience / 1000} s`)), patience);
    let response: Response;
    try {
      const send = await fetchThrough(proxies);
      response = await send(url, { ...options, headers, signal: silence.signal });
    } catch (error) {
      throw this.unreachable(reasonOf(error), { passing: BROKEN.includes(codeOf(error) ?? "") });
    } finally {
      clearTimeout(timer);
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw refusalOf(response, this.repository, this.#settings);
    }
    return response;
  };

  /** The error for a hub, or a proxy in its place, that gave no usable answer. */
  unreachable(got: string, details: HubErrorDetails = {}): HubError {
    return unreachable(this.repository.id, this.#settings, got, details);
  }

  /** @param retry whether an answer that fails is asked for again for a while, as 429, 5xx or a connection that breaks */
  async #question<T>(
    ask: (common: { hubUrl: string; fetch: typeof fetch }) => Promise<T>,
    { retry = true } = {},
  ): Promise<T> {
    const { endpoint, retryFor } = this.#settings;
    const retries = new Retries(retry ? retryFor : 0);
    const patient: typeof fetch = async (address, options) => {
      for (;;) {
        try {
          return await this.#askWhole(address, options);
        } catch (error) {
          const { passing, retryAfter } = error instanceof HubError ? error.details : {};
          if (!passing || !(await retries.wait(retryAfter))) throw error;
        }
      }
    };
    try {
      return await ask({ hubUrl: endpoint, fetch: patient });
    } catch (error) {
      throw error instanceof HubError ? error : this.unreachable(reasonOf(error));
    }
  }

  async #askWhole(address: string | URL | Request, options?: RequestInit): Promise<Response> {
    try {
      return await wholeAnswer(await this.ask(address, options), this.#settings.patience);
    } catch (error) {
      throw error instanceof BrokenAnswer ? this.unreachable(error.message, { passing: true }) : error;
    }
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
      if (!BLOB_NAME.test(hash)) throw new Error(`the hash ${hash} for ${path}`);
      if (/(^|[\\/])\.{1,2}([\\/]|$)|^[\\/]/.test(path)) throw new Error(`the path ${path}`);
      return [path, { size: lfs?.size ?? size, hash }];
    }),
  );
}
