/** Trains in workers: starts them, hands their events on, and starts them again from the last checkpoint when one was lost. */
import { rmSync } from "node:fs";
import { extname, join } from "node:path";
import { checkWorkers, freeAddresses, portWarning } from "../../parallel/hosts";
import { type Failure, runWorkers } from "../../parallel/processes";
import type { ResolvedArguments } from "../arguments";
import type { TrainerControl, TrainerState } from "../callbacks";
import { checkpointFolder } from "../checkpoint";
import type { CallbackStates, Listeners } from "../listeners";
import type { TrainerOptions, TrainOutput } from "../trainer-types";
import { writeJob } from "./job";
import type { EventAnswer, FromWorker, ToWorker, WorkerStart } from "./messages";

/** A training to share out. */
export interface SharedTraining extends Omit<TrainerOptions, "args"> {
  args: ResolvedArguments;
  listeners: Listeners;
  control: TrainerControl;
  /** Gets the state of the training. */
  trainer: { state: TrainerState };
  /** Stops it, with a checkpoint. */
  signal: AbortSignal;
  resumeFrom: boolean | string;
}

/** The workers' program. */
const PROGRAM = join(__dirname, `worker${extname(__filename)}`);

/** So many starts without a new checkpoint are enough. */
const MOST_STARTS = 3;

/** @throws what went wrong in the training, or that workers were lost again and again */
export async function trainWithWorkers(training: SharedTraining): Promise<TrainOutput> {
  const { args, model } = training;
  const size = args.workerHosts.length || args.workers;
  checkWorkers(args);
  const job = join(args.outputDir, ".workers");
  rmSync(job, { recursive: true, force: true });
  try {
    const accumulated = args.gradientAccumulationSteps * size;
    const own = { ...args, workers: 1, workerHosts: [], gradientAccumulationSteps: accumulated };
    const { trainDataset, evalDataset, tokenizer, computeMetrics } = training;
    if (trainDataset === undefined) throw new Error("`trainDataset`: expected a dataset with rows, got none.");
    const data = { trainDataset, evalDataset, tokenizer, hasMetrics: computeMetrics !== undefined };
    writeJob(job, { model, args: own, ...data });
    const output = await new Coordinator(training, job, size).run();
    await model.load(join(job, "result"));
    return output;
  } finally {
    rmSync(job, { recursive: true, force: true });
  }
}

class Coordinator {
  #output: TrainOutput | undefined;
  /** The last checkpoint of this training. */
  #checkpoint: string | undefined;
  readonly #firstStates: CallbackStates;

  constructor(
    private readonly training: SharedTraining,
    private readonly job: string,
    private readonly size: number,
  ) {
    this.#firstStates = training.listeners.states();
  }

  async run(): Promise<TrainOutput> {
    const { args, resumeFrom, listeners } = this.training;
    const isHere = args.workerHosts.length === 0;
    let starts = 0;
    for (;;) {
      const before = this.#checkpoint;
      const hosts = isHere ? await freeAddresses(this.size) : args.workerHosts;
      if (before === undefined && starts === 0) console.warn(portWarning(hosts));
      const failure = await this.#start(hosts, before ?? resumeFrom);
      if (this.#output) return this.#output;
      if (failure === undefined) throw new Error("`workers`: expected a result of worker 0, got none.");
      if (!failure.isLost) throw new Error(failure.message);
      starts = this.#checkpoint === before ? starts + 1 : 1;
      if (!isHere || starts === MOST_STARTS) throw new Error(this.#lostText(failure));
      console.warn(`${failure.message}\nAll workers start again from ${this.#checkpoint ?? "where they began"}.`);
      if (this.#checkpoint === undefined) listeners.restore(this.#firstStates);
    }
  }

  #lostText({ message }: Failure): string {
    const { workerHosts } = this.training.args;
    if (workerHosts.length === 0) return `${message}\nIt happened ${MOST_STARTS} times without a new checkpoint.`;
    const others = workerHosts.slice(1).map((host, i) => {
      return `  on ${host.split(":")[0]}: npm start -- --worker-hosts ${workerHosts.join(",")} --worker-index ${i + 1}`;
    });
    const own = "  here: npm start -- --resume --out FOLDER (in code: train({ resumeFromCheckpoint: true }))";
    return [`${message}\nAll workers have ended. Start each of them again:`, own, ...others].join("\n");
  }

  #start(hosts: readonly string[], resumeFrom: boolean | string): Promise<Failure | undefined> {
    const { args, signal } = this.training;
    const sharesFiles = args.workerHosts.length === 0;
    const stop: ToWorker = { stop: true };
    return runWorkers<FromWorker>({
      program: PROGRAM,
      hosts,
      indices: sharesFiles ? hosts.map((_, index) => index) : [0],
      argumentsOf: (index) => {
        const start = { hosts, index, timeout: args.workerTimeout, job: this.job, sharesFiles, resumeFrom };
        return [JSON.stringify(start satisfies WorkerStart)];
      },
      onMessage: (message, answer) => void this.#receive(message, answer),
      onStart: (tellAll) => {
        if (signal.aborted) tellAll(stop);
        else signal.addEventListener("abort", () => tellAll(stop), { once: true });
      },
    });
  }

  async #receive(message: FromWorker, answer: (content: ToWorker) => void): Promise<void> {
    const { listeners, trainer } = this.training;
    try {
      if (message.kind === "event") answer({ number: message.number, content: await this.#event(message) });
      else if (message.kind === "progress") await this.#notify("onPredictionStep", message.details);
      else if (message.kind === "metrics") {
        answer({ number: message.number, content: this.training.computeMetrics?.(message.prediction) ?? {} });
      } else if (message.kind === "restore") listeners.restore(message.states);
      else if (message.kind === "warning") console.warn(message.text);
      else {
        this.#output = message.output;
        trainer.state = message.state;
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if ("number" in message) answer({ number: message.number, error: text });
      else console.warn(text);
    }
  }

  async #event({ name, details }: Extract<FromWorker, { kind: "event" }>): Promise<EventAnswer> {
    const { control, listeners, args } = this.training;
    await this.#notify(name, details);
    // Without the optimizer's state nobody can go on from it.
    if (name === "onSave" && !args.saveOnlyModel)
      this.#checkpoint = checkpointFolder(args.outputDir, details.state.globalStep);
    return { control: { ...control }, states: listeners.states() };
  }

  /** Tells the callbacks, which see the state and the control of the Trainer that they know. */
  async #notify(name: Parameters<Listeners["notify"]>[0], details: object): Promise<void> {
    const { trainer, control, listeners, args } = this.training;
    const { state, control: asked, ...rest } = details as Extract<FromWorker, { kind: "event" }>["details"];
    const logHistory = name === "onTrainBegin" ? state.logHistory : trainer.state.logHistory;
    if (name === "onLog" && rest.logs) logHistory.push(rest.logs);
    trainer.state = { ...state, logHistory };
    Object.assign(control, asked);
    await listeners.notify(name, { args, state: trainer.state, control, ...rest });
  }
}
