/** The processes of workers: started together, and ended together as soon as one of them ends too early. */
import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { workerEnvironment } from "./hosts";

/** How a worker ended before its work was done. */
export interface Failure {
  /** The worker's number. */
  index: number;
  message: string;
  /** Whether a worker was lost, so that all may be started again; otherwise it is an error of the work itself. */
  isLost: boolean;
}

/** What a worker's process sends beside its own messages. */
export type EndMessage = { end: "done" } | { end: "failed"; message: string; isLost: boolean };

/** What is started. */
export interface Start<Message> {
  /** The worker's program: a module beside the caller's, with its extension. */
  program: string;
  /** Addresses of all workers. */
  hosts: readonly string[];
  /** Those that run here. */
  indices: readonly number[];
  /** Arguments of a worker's program. */
  argumentsOf: (index: number) => string[];
  /** What a worker sends, and how to answer it. */
  onMessage: (message: Message, answer: (content: object) => void) => void;
  /** Told when the workers run, with what sends to all of them. */
  onStart?: (tellAll: (content: object) => void) => void;
}

/** Milliseconds that the others get to end by themselves, and to tell why, when one has ended. */
const GRACE = 3000;

/** Bytes of a worker's output that are kept for its error. */
const TAIL = 2000;

/**
 * Runs the workers of this machine to their end.
 *
 * @returns why they ended too early; nothing when all were done
 */
export async function runWorkers<Message extends object>(start: Start<Message>): Promise<Failure | undefined> {
  const failures: Failure[] = [];
  const children = start.indices.map((index, i) => startWorker(start, index, i, failures));
  const kill = (): void => {
    for (const { child } of children) child.kill("SIGKILL");
  };
  // A worker that is frozen does not notice that it has no parent any more.
  process.once("exit", kill);
  start.onStart?.((content) => {
    for (const { child } of children) if (child.connected) child.send(content, () => {});
  });
  let timer: NodeJS.Timeout | undefined;
  for (const { ended } of children) {
    void ended.then(() => {
      if (failures.length > 0) timer ??= setTimeout(kill, GRACE);
    });
  }
  await Promise.all(children.map(({ ended }) => ended));
  clearTimeout(timer);
  process.off("exit", kill);
  return failures.find(({ isLost }) => !isLost) ?? failures[0];
}

function startWorker<Message extends object>(
  { program, hosts, indices, argumentsOf, onMessage }: Start<Message>,
  index: number,
  i: number,
  failures: Failure[],
): { child: ChildProcess; ended: Promise<void> } {
  const child = fork(program, argumentsOf(index), {
    env: workerEnvironment({ index: i, count: indices.length, host: hosts[index] as string }),
    // Ctrl-C reaches a worker only through its parent.
    detached: true,
    execArgv: extname(program) === ".ts" ? ["--import", "tsx"] : [],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => {
      output = (output + text.toString()).slice(-TAIL);
    });
  }
  let isDone = false;
  child.on("message", (message: Message | EndMessage) => {
    if (!("end" in message)) onMessage(message, (content) => void (child.connected && child.send(content, () => {})));
    else if (message.end === "done") isDone = true;
    else failures.push({ index, message: message.message, isLost: message.isLost });
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      output = error.message;
      resolve();
    });
    child.once("close", (code, signal) => {
      if (!isDone && !failures.some((failure) => failure.index === index)) {
        const how = signal ?? `exit code ${code}`;
        failures.push({ index, message: `worker ${index} ended by ${how}. ${output.trim()}`.trim(), isLost: true });
      }
      resolve();
    });
  });
  return { child, ended };
}
