/** A stub of Ray's Jobs API: its jobs take a moment, write made-up results into the shared folder, and fail as Ray's do. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { METRIC_KEYS } from "../../lib/runs/metrics";
import type { NewJob, RayJob } from "../../lib/sweep/engines/ray/jobs";

/** What happens to a share of the jobs, or of the requests. */
export type Fault =
  | "lostAnswer" // the job was taken, and the connection broke
  | "serverError"
  | "supervisorDied" // its process may go on, and finish later
  | "startTimeout"
  | "environment"
  | "forgotten" // as by a new head
  | "trialError"
  | "noResult" // it ended before its result can be seen
  | "slow";

/** Options of {@link RayStub}. */
export interface StubOptions {
  /** Draws what happens to a job. */
  fault?: (job: NewJob, drawn: number) => Fault | undefined;
  token?: string;
  version?: object;
  slots?: number;
  /** Milliseconds of a job. */
  duration?: number;
}

/** A head that is not there. */
export class RayStub {
  readonly jobs = new Map<string, RayJob & { at: number; fault: Fault | undefined; task: string }>();
  /** How often each trial was run to its end. */
  readonly finished = new Map<string, number>();
  readonly stopped: string[] = [];
  readonly #server: Server;
  #drawn = 0;

  constructor(readonly options: StubOptions = {}) {
    this.#server = createServer((request, answer) => void this.#answer(request, answer));
  }

  /** @returns its address */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { token, version = { ray_version: "2.60.0" } } = this.options;
    const say = (status: number, content: unknown): void => {
      answer.writeHead(status).end(typeof content === "string" ? content : JSON.stringify(content));
    };
    const given = request.headers.authorization;
    if (token && given !== `Bearer ${token}`) return say(given ? 403 : 401, "no");
    const { method, url = "" } = request;
    if (url === "/api/version") return say(200, version);
    const [, id, action] = /^\/api\/jobs\/([^/]*)\/?(\w*)$/.exec(url) ?? [];
    if (method === "POST" && id === "") return this.#submit(JSON.parse(await textOf(request)), request, say);
    if (id === "") return say(200, [...this.jobs.values()]);
    const job = this.jobs.get(id ?? "");
    if (!job || job.fault === "forgotten") return say(404, "no such job");
    if (action === "logs") return say(200, { logs: "" });
    if (action === "stop") {
      this.stopped.push(job.submission_id);
      if (job.status === "RUNNING" || job.status === "PENDING") job.status = "STOPPED";
      return say(200, { stopped: true });
    }
    say(200, job);
  }

  #submit(job: NewJob, request: IncomingMessage, say: (status: number, content: unknown) => void): void {
    const isKnown = this.jobs.has(job.submission_id);
    const fault = isKnown ? undefined : this.options.fault?.(job, this.#drawn++);
    if (isKnown || fault === "serverError") {
      say(500, isKnown ? `Job ${job.submission_id} already exists` : "try again");
      return;
    }
    const [, task = ""] = /'([^']*)'$/.exec(job.entrypoint) ?? [];
    const { submission_id, metadata } = job;
    this.jobs.set(submission_id, { submission_id, metadata, status: "PENDING", at: Date.now(), fault, task });
    this.#begin();
    if (fault === "lostAnswer") request.socket.destroy();
    else say(200, { submission_id });
  }

  /** Begins what has a slot. */
  #begin(): void {
    const { slots = Number.POSITIVE_INFINITY, duration = 20 } = this.options;
    const all = [...this.jobs.values()];
    let free = slots - all.filter(({ status }) => status === "RUNNING").length;
    for (const job of all) {
      if (job.status !== "PENDING" || free-- <= 0) continue;
      job.status = "RUNNING";
      setTimeout(() => this.#over(job), job.fault === "slow" ? 20 * duration : duration).unref();
    }
  }

  #over(job: RayJob & { fault: Fault | undefined; task: string }): void {
    const failed: Partial<Record<Fault, string>> = {
      supervisorDied: "JOB_SUPERVISOR_ACTOR_DIED",
      startTimeout: "JOB_SUPERVISOR_ACTOR_START_TIMEOUT",
      environment: "RUNTIME_ENV_SETUP_FAILED",
      trialError: "JOB_ENTRYPOINT_COMMAND_ERROR",
    };
    const type = job.fault && failed[job.fault];
    if (type) Object.assign(job, { status: "FAILED", error_type: type, message: "as drawn" });
    if (job.fault === "trialError")
      writeFileSync(join(dirname(job.task), "error.json"), '{"message":"bad","kind":"trial"}');
    const late = job.fault === "noResult" || job.fault === "supervisorDied";
    if (type === undefined || job.fault === "supervisorDied") setTimeout(() => this.#write(job), late ? 1500 : 0);
    if (job.status === "RUNNING") job.status = "SUCCEEDED";
    this.#begin();
  }

  /** What a job's program does at its end, unless nobody wants the result any more. */
  #write({ task, metadata = {} }: RayJob & { task: string }): void {
    const folder = dirname(task);
    if (!existsSync(task) || existsSync(join(folder, "cancelled"))) return;
    const { parameters } = JSON.parse(readFileSync(task, "utf8"));
    const result = join(folder, "result");
    mkdirSync(result, { recursive: true });
    const figures = { ...Object.fromEntries(METRIC_KEYS.map((key) => [key, 0])), rank: parameters.rank };
    const final = { accuracy: 0.5, loss: 1 };
    writeFileSync(join(result, "metrics.json"), JSON.stringify({ ...figures, final, baseline: final }));
    writeFileSync(join(folder, "complete"), "");
    const { trial = "" } = metadata;
    this.finished.set(trial, (this.finished.get(trial) ?? 0) + 1);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}
