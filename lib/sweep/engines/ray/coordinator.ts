/** The engine on a Ray cluster: every attempt of a trial is a job, and its result comes through a shared folder. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeFileAtomic } from "../../../files/atomic";
import type { EngineRun, PlannedTrial } from "../engine";
import { taskOf, threadsEnvironment } from "../handing-over";
import { Attempts } from "./attempt";
import { entrypoint } from "./entrypoint";
import { isOver, type NewJob, type RayJob, RayJobs } from "./jobs";

/** Options of the engine "ray". */
export interface RayOptions {
  name: "ray";
  /** The dashboard of the cluster's head, such as "http://10.0.0.1:8265". */
  address: string;
  /** A folder that this machine and all nodes share under the same path. */
  storage: string;
  /** Processors, and threads, of a trial (default 1). */
  cpus?: number;
  /** Graphics cards of a trial, or a part of one (default 0). */
  gpus?: number;
  /** A file with the cluster's token (default: `RAY_AUTH_TOKEN` of the environment, if any). */
  tokenFile?: string;
  /** Where this project, set up, lies on every node (default: where it lies here). */
  project?: string;
  /** Jobs at a time at most (default: as many as the cluster takes). */
  jobs?: number;
}

/** Tries of a trial whose machine or whose head was lost. */
const TRIES = 5;
/** Milliseconds between two rounds, and until a lost head is given up. */
export const PACE = { round: 500, head: 30 * 60_000, grace: 30_000, stop: 20_000 };
/** Requests at a time, and looks at running jobs in a second. */
const AT_ONCE = 16;
const LOOKS = 20;

/** A trial on its way. */
interface Course {
  trial: PlannedTrial;
  attempt: number;
  tries: number;
  status: "waiting" | RayJob["status"];
  lookAt: number;
  /** Whether its beginning was told. */
  begun?: true;
  /** When it ended without a result that can be seen here. */
  overAt?: number;
}

/** @throws the head cannot be reached at the start or for half an hour, or no node can run a trial */
export async function runOnRay(run: EngineRun, options: RayOptions): Promise<void> {
  const { address, tokenFile, storage, cpus = 1, gpus = 0 } = options;
  if (!(cpus > 0) || !(gpus >= 0)) throw new RangeError(`\`cpus\`, \`gpus\`: expected numbers above 0 and from 0.`);
  if (!path.isAbsolute(storage)) throw new RangeError(`\`storage\`: expected an absolute path, got ${storage}.`);
  const token = tokenFile === undefined ? process.env.RAY_AUTH_TOKEN : readFileSync(tokenFile, "utf8").trim();
  const jobs = new RayJobs(address, token);
  await jobs.check();
  const coordinator = new Coordinator(run, { ...options, cpus, gpus }, jobs);
  try {
    await coordinator.work();
  } finally {
    await coordinator.stop();
  }
}

/** The name of a sweep's jobs and of its folder in the storage; it stays when the coordinator is started again. */
function sweepName(out: string): string {
  const file = path.join(out, ".sweep-name");
  if (!existsSync(file)) writeFileAtomic(file, `sweep-${randomBytes(6).toString("hex")}`);
  return readFileSync(file, "utf8");
}

/** Submits jobs, follows them and collects their results. The shared folder is the truth; a head may forget. */
class Coordinator {
  readonly #name: string;
  readonly #attempts: Attempts;
  readonly #courses: Course[];
  #headSeen = Date.now();

  constructor(
    readonly run: EngineRun,
    readonly options: RayOptions & { cpus: number; gpus: number },
    readonly jobs: RayJobs,
  ) {
    this.#name = sweepName(run.out);
    this.#attempts = new Attempts(path.join(options.storage, this.#name));
    mkdirSync(this.#attempts.folder, { recursive: true });
    this.#courses = run.trials.map((trial) => ({ trial, attempt: 0, tries: 0, status: "waiting", lookAt: 0 }));
  }

  async work(): Promise<void> {
    let adopted = false;
    while (this.#courses.length > 0 && !this.run.signal.aborted) {
      try {
        if (!adopted) await this.#adopt();
        adopted = true;
        await this.#look();
        await this.#fill();
        this.run.note(`${this.#count("RUNNING")} running and ${this.#count("PENDING")} pending on Ray`);
      } catch (error) {
        if (!(error instanceof HeadLost)) throw error;
        if (Date.now() - this.#headSeen > PACE.head) throw error;
        this.run.note(`waiting for Ray's head: ${error.message}`);
      }
      await pause(PACE.round);
    }
  }

  /** Stops what still runs, also where Ray no longer knows it. */
  async stop(): Promise<void> {
    // One whose submission was not answered may run all the same.
    const left = new Set(this.#courses.filter(({ status, overAt }) => status !== "waiting" || overAt === 0));
    for (const course of left) this.#attempts.cancel(course.trial.record.id, course.attempt);
    // A head that is gone has no jobs; their processes look for the mark in the shared folder.
    const gone = (): undefined => undefined;
    await eachOf([...left], (course) => this.jobs.stop(this.#jobOf(course)).catch(gone));
    for (const end = Date.now() + PACE.stop; left.size > 0 && Date.now() < end; await pause(PACE.round)) {
      await eachOf([...left], async (course) => {
        const job = await this.jobs.info(this.#jobOf(course)).catch(gone);
        if (job === undefined || isOver(job)) left.delete(course);
      });
    }
  }

  /** Finds the jobs of a coordinator that was ended, and stops those that nobody waits for. */
  async #adopt(): Promise<void> {
    const courses = new Map(this.#courses.map((course) => [course.trial.record.id, course]));
    for (const course of this.#courses) course.attempt = this.#attempts.last(course.trial.record.id);
    const jobs = (await this.#ask(this.jobs.list())).filter(
      (job) => job.metadata?.sweep === this.#name && !isOver(job),
    );
    for (const job of jobs) {
      const [course, attempt] = [courses.get(job.metadata?.trial ?? ""), Number(job.metadata?.attempt)];
      if (course && course.attempt === attempt) {
        course.status = job.status;
        course.begun = true;
        this.run.began(course.trial);
      } else await this.#ask(this.jobs.stop(job.submission_id));
    }
  }

  async #fill(): Promise<void> {
    const { jobs: most = Number.POSITIVE_INFINITY } = this.options;
    const [running, pending] = [this.#count("RUNNING"), this.#count("PENDING")];
    // After a quarter of an hour of waiting Ray fails a job: few wait at a time, more on a larger cluster.
    const room = Math.min(4 + Math.floor(running / 10) - pending, most - running - pending);
    const next = this.#courses.filter(({ status }) => status === "waiting").slice(0, Math.max(0, room));
    await eachOf(next, (course) => this.#submit(course));
  }

  async #submit(course: Course): Promise<void> {
    const { trial } = course;
    const { id, versions } = trial.record;
    if (!course.begun) this.run.began(trial);
    course.begun = true;
    if (course.overAt === undefined) {
      course.attempt = this.#attempts.last(id) + 1;
      course.tries++;
      this.#attempts.begin({ ...taskOf(trial, this.run), versions }, course.attempt);
      // Until the head has it, the same attempt is submitted again.
      course.overAt = 0;
    }
    await this.#ask(this.jobs.submit(this.#job(course)));
    delete course.overAt;
    course.status = "PENDING";
    course.lookAt = Date.now() + 2 * PACE.round;
  }

  #job(course: Course): NewJob {
    const { cpus, gpus, project } = this.options;
    const { id } = course.trial.record;
    const task = this.#attempts.taskOf(id, course.attempt);
    // A job without a card would see all cards of its node.
    const cards: Record<string, string> = gpus === 0 ? { CUDA_VISIBLE_DEVICES: "-1" } : {};
    const threads = threadsEnvironment(Math.max(1, Math.floor(cpus)));
    return {
      submission_id: this.#jobOf(course),
      entrypoint: entrypoint(task, project),
      entrypoint_num_cpus: cpus,
      entrypoint_num_gpus: gpus,
      runtime_env: { env_vars: { TF_CPP_MIN_LOG_LEVEL: "2", ...threads, ...cards } },
      metadata: { sweep: this.#name, trial: id, attempt: String(course.attempt) },
    };
  }

  #jobOf({ trial, attempt }: Course): string {
    return `${this.#name}-${trial.record.id}-${attempt}`;
  }

  /** Collects results, and asks the head about jobs whose turn it is. */
  async #look(): Promise<void> {
    for (const course of [...this.#courses]) await this.#collect(course);
    const now = Date.now();
    const asked = this.#courses.filter(({ status, lookAt }) => status !== "waiting" && lookAt <= now);
    await eachOf(asked, (course) => this.#follow(course));
  }

  /** Keeps the first complete result of a trial's attempts; @returns whether there was one. */
  async #collect(course: Course): Promise<boolean> {
    const { trial, attempt, status } = course;
    const { id } = trial.record;
    for (let one = 1; one <= attempt; one++) {
      const metrics = this.#attempts.metrics(id, one);
      if (!metrics) continue;
      this.#attempts.keep(trial, one);
      this.#courses.splice(this.#courses.indexOf(course), 1);
      this.run.ended(trial, metrics);
      if (one !== attempt && status !== "waiting") await this.jobs.stop(this.#jobOf(course)).catch(() => undefined);
      this.#attempts.remove(id);
      return true;
    }
    return false;
  }

  async #follow(course: Course): Promise<void> {
    const job = await this.#ask(this.jobs.info(this.#jobOf(course)));
    course.lookAt = Date.now() + Math.max(2000, (1000 * this.#count("RUNNING")) / LOOKS);
    if (job === undefined) return this.#again(course, "Ray's head does not know it any more");
    if (job.status === "PENDING") course.lookAt = Date.now() + 2 * PACE.round;
    if (!isOver(job)) {
      course.status = job.status;
      return;
    }
    if (await this.#collect(course)) return;
    if (job.status === "SUCCEEDED") return this.#awaitResult(course);
    await this.#afterFailure(course, job);
  }

  /** What another machine has written may take a moment to be seen here. */
  #awaitResult(course: Course): void {
    course.overAt ??= Date.now();
    if (Date.now() - course.overAt < PACE.grace) return;
    throw new Error(
      `\`storage\`: expected the result of a job that succeeded in ${this.#attempts.folder}, got none. Share the folder.`,
    );
  }

  async #afterFailure(course: Course, job: RayJob): Promise<void> {
    const error = this.#attempts.error(course.trial.record.id, course.attempt);
    if (error?.kind === "node") throw new Error(error.message);
    if (error) return this.#fail(course, error.message);
    const { error_type: type, message } = job;
    if (type && /^(JOB_SUPERVISOR_|RUNTIME_ENV_)/.test(type)) {
      if (type === "JOB_SUPERVISOR_ACTOR_START_TIMEOUT") course.tries--;
      return this.#again(course, `${type}: ${message ?? ""}`);
    }
    const logs = await this.#ask(this.jobs.logs(job.submission_id));
    const [, ofNode] = /^(`(?:node|project|storage)`: .*)$/m.exec(logs) ?? [];
    if (ofNode) throw new Error(ofNode);
    this.#fail(course, logs.trimEnd().split("\n").slice(-20).join("\n") || message || job.status);
  }

  #again(course: Course, reason: string): void {
    const { id } = course.trial.record;
    this.#attempts.cancel(id, course.attempt);
    course.status = "waiting";
    delete course.overAt;
    if (course.tries >= TRIES) this.#fail(course, `given up after ${course.tries} tries: ${reason}`);
  }

  #fail(course: Course, reason: string): void {
    this.#courses.splice(this.#courses.indexOf(course), 1);
    this.#attempts.cancel(course.trial.record.id, course.attempt);
    this.run.failed(course.trial, reason);
  }

  #count(status: Course["status"]): number {
    return this.#courses.filter((course) => course.status === status).length;
  }

  /** @throws {HeadLost} where the head does not answer */
  async #ask<T>(question: Promise<T>): Promise<T> {
    try {
      const answer = await question;
      this.#headSeen = Date.now();
      return answer;
    } catch (error) {
      const isOfNet = error instanceof Error && ("status" in error || "code" in error || error.name === "TimeoutError");
      throw isOfNet ? new HeadLost(error.message) : error;
    }
  }
}

/** The head did not answer, or could not. */
class HeadLost extends Error {}

/** Does something for each item, a few at a time; the first error is thrown when all of its batch have ended. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) {
    const all = await Promise.allSettled(items.slice(i, i + AT_ONCE).map(work));
    const failed = all.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }
}
