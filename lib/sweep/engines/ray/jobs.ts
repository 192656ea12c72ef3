/** Ray's Jobs API over HTTP. */
import http from "node:http";
import https from "node:https";

/** A job as Ray tells of it. */
export interface RayJob {
  submission_id: string;
  status: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "STOPPED";
  error_type?: string | null;
  message?: string | null;
  driver_exit_code?: number | null;
  metadata?: Record<string, string>;
}

/** A job as it is submitted; see Ray's "Jobs REST API". */
export interface NewJob {
  submission_id: string;
  entrypoint: string;
  entrypoint_num_cpus: number;
  entrypoint_num_gpus: number;
  runtime_env: { env_vars: Record<string, string> };
  metadata: Record<string, string>;
}

/** The head answered, and not as it should. */
export class RayAnswerError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Milliseconds that an answer may take. */
const PATIENCE = 30_000;

export const isOver = ({ status }: RayJob): boolean => ["SUCCEEDED", "FAILED", "STOPPED"].includes(status);

/** A client of the Jobs API. Not on `fetch`: Node's sends Sec-Fetch-Mode, and Ray refuses that as a browser's. */
export class RayJobs {
  readonly #address: URL;
  readonly #headers: Record<string, string>;
  /** Requests of this process so far. */
  static sent = 0;

  /**
   * @param address of the head's dashboard, such as "http://10.0.0.1:8265"
   * @throws {RangeError} it is no URL of http or https
   */
  constructor(address: string, token?: string) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new RangeError(`\`address\`: expected one such as http://HEAD:8265, got "${address}".`);
    }
    this.#address = url;
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  /**
   * Asks the head whether it is one.
   * @throws it cannot be reached, wants another token, or is no head of Ray 2
   */
  async check(): Promise<void> {
    const expected = `\`address\`: expected the dashboard of a Ray head at ${this.#address.href}`;
    let version: unknown;
    try {
      version = ((await this.#call("GET", "/api/version")) as { ray_version?: unknown } | undefined)?.ray_version;
    } catch (error) {
      const status = error instanceof RayAnswerError ? error.status : undefined;
      if (status === 401) throw new Error("`token`: expected by this head, got none. Give it with --token-file FILE.");
      if (status === 403) throw new Error("`token`: expected the head's own, got another. Check --token-file.");
      throw new Error(`${expected}, got: ${(error as Error).message}. Is \`ray start --head\` running there?`);
    }
    if (typeof version !== "string") throw new Error(`${expected}, got an answer without Ray's version.`);
    if (!version.startsWith("2.")) throw new Error(`\`address\`: expected a head of Ray 2, got Ray ${version}.`);
  }

  /** Submits a job; one that the head has already, by its id, is left as it is. */
  async submit(job: NewJob): Promise<void> {
    try {
      await this.#call("POST", "/api/jobs/", job);
    } catch (error) {
      // The answer to an earlier try may have been lost.
      if (!(error instanceof RayAnswerError) || (await this.info(job.submission_id)) === undefined) throw error;
    }
  }

  /** All jobs that the head knows. */
  async list(): Promise<RayJob[]> {
    return (await this.#call("GET", "/api/jobs/")) as RayJob[];
  }

  /** @returns undefined where the head does not know the job */
  async info(id: string): Promise<RayJob | undefined> {
    return (await this.#call("GET", `/api/jobs/${id}`, undefined, { absent: 404 })) as RayJob | undefined;
  }

  /** The output of a job; empty where it is gone. */
  async logs(id: string): Promise<string> {
    const answer = (await this.#call("GET", `/api/jobs/${id}/logs`, undefined, { absent: 404 })) as { logs?: string };
    return answer?.logs ?? "";
  }

  async stop(id: string): Promise<void> {
    await this.#call("POST", `/api/jobs/${id}/stop`, undefined, { absent: 404 });
  }

  async #call(method: string, path: string, body?: object, { absent = 0 } = {}): Promise<unknown> {
    const { status, text } = await this.#request(method, path, body && JSON.stringify(body));
    if (status === absent) return undefined;
    if (status < 200 || status > 299) {
      throw new RayAnswerError(`${method} ${path}: HTTP ${status}: ${text.slice(0, 300)}`, status);
    }
    try {
      return text === "" ? undefined : JSON.parse(text);
    } catch {
      throw new RayAnswerError(`${method} ${path}: expected JSON, got ${text.slice(0, 80)}`, status);
    }
  }

  #request(method: string, path: string, body = ""): Promise<{ status: number; text: string }> {
    RayJobs.sent++;
    const url = new URL(path.slice(1), `${this.#address.href.replace(/\/$/, "")}/`);
    const { request } = url.protocol === "https:" ? https : http;
    const length = body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {};
    const headers = { ...this.#headers, ...length };
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, signal: AbortSignal.timeout(PATIENCE), agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text })).on("error", reject);
      });
      sent.on("error", reject).end(body);
    });
  }
}
