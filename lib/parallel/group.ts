/** Workers that compute together: sums over their processes, by TensorFlow's collective operations. */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { collectiveAddon, type Place } from "./addon";

/** The connection to another worker is gone, or none came about. The whole group is of no use any more. */
export class WorkerLost extends Error {}

/** How a worker joins the others. */
export interface JoinOptions {
  /** Addresses of all workers, worker 0 first. */
  hosts: readonly string[];
  /** Place of this worker among them. */
  index: number;
  /** Seconds that the others may keep this worker waiting. */
  timeout: number;
  /** Whether the workers read the same files (default true: they are on one machine). */
  sharesFiles?: boolean;
}

/** Most numbers that are sent at once. */
const FRAME = 2 ** 20;

/** Bytes of a text in {@link WorkerGroup.gather}. */
const TEXT_BYTES = 256;

/** All workers call the same methods in the same order, each when the one before has ended. */
export class WorkerGroup {
  /** A number for each kind and length of vectors, in the order of their first sums: TensorFlow keeps something for each. */
  readonly #instances = new Map<string, number>();
  readonly #received: string[] = [];

  private constructor(
    readonly index: number,
    readonly size: number,
    private readonly place: Place,
    private readonly options: JoinOptions,
  ) {
    process.once("exit", () => {
      for (const folder of this.#received) rmSync(folder, { recursive: true, force: true });
    });
  }

  /**
   * Starts this worker's server and waits for the others.
   *
   * @throws {WorkerLost} its port is taken, or a worker did not come in time
   */
  static async join(options: JoinOptions): Promise<WorkerGroup> {
    const { hosts, index, timeout } = options;
    const place = listen(hosts, index);
    const end = performance.now() + timeout * 1000;
    for (const [other, host] of hosts.entries()) {
      if (other === index) continue;
      for (let wait = 50; !(await answers(place, other)); wait = Math.min(2 * wait, 1000)) {
        if (performance.now() > end) {
          throw new WorkerLost(
            `worker ${other} (${host}): expected an answer within ${timeout} seconds, got none. ` +
              "Is it started, with the same hosts and its own index, and does its network let this machine through?",
          );
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return new WorkerGroup(index, hosts.length, place, options);
  }

  /** Whether this is worker 0, which writes and tells. */
  get isFirst(): boolean {
    return this.index === 0;
  }

  /**
   * Sums a vector over all workers, in place. All get the same bits.
   *
   * @throws {WorkerLost} a worker is gone, or kept the others waiting for too long
   */
  async sum(vector: Float32Array | Int32Array): Promise<void> {
    const kind = `${vector.constructor.name} ${vector.length}`;
    const instance = this.#instances.get(kind) ?? this.#instances.size + 1;
    this.#instances.set(kind, instance);
    try {
      await collectiveAddon().sum(this.place, vector, this.size, instance, this.options.timeout);
    } catch (error) {
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      throw new WorkerLost(`worker ${this.index}: expected the others' sum, got none: ${reason.slice(0, 300)}`);
    }
  }

  /** A value of worker 0, at all workers. @param value plain data; that of the others does not matter */
  async fromFirst<T>(value: T): Promise<T> {
    const bytes = await this.#bytesFromFirst(this.isFirst ? serialize(value) : Buffer.alloc(0));
    return deserialize(bytes) as T;
  }

  /** A short text of each worker, at all of them. */
  async gather(text: string): Promise<string[]> {
    const all = new Int32Array((this.size * TEXT_BYTES) / 4);
    const bytes = Buffer.from(all.buffer);
    bytes.write(text, this.index * TEXT_BYTES, TEXT_BYTES);
    await this.sum(all);
    return Array.from({ length: this.size }, (_, i) =>
      bytes.toString("utf8", i * TEXT_BYTES, (i + 1) * TEXT_BYTES).replace(/\0+$/, ""),
    );
  }

  /**
   * Checks that something is the same at all workers.
   *
   * @param what it is, in words
   * @throws {RangeError} it is not; the message ends with `remedy`
   */
  async agree(what: string, text: string, remedy: string): Promise<void> {
    const all = await this.gather(text);
    const other = all.findIndex((found) => found !== all[0]);
    if (other < 0) return;
    const where = `worker ${other} (${this.options.hosts[other]})`;
    throw new RangeError(`${where}: expected ${what} of worker 0, ${all[0]}, got ${all[other]}. ${remedy}`);
  }

  /**
   * A folder of worker 0 with its files and folders, at all workers: the folder itself where they read the same files, else a
   * copy that lasts as long as the process.
   *
   * @param folder that of the others does not matter
   */
  async folderFromFirst(folder: string): Promise<string> {
    if (this.options.sharesFiles ?? true) return this.fromFirst(folder);
    const { name, files } = await this.fromFirst({
      name: basename(folder),
      files: this.isFirst ? filesUnder(folder).map((file) => ({ file, size: statSync(join(folder, file)).size })) : [],
    });
    const own = this.isFirst ? folder : join(this.#newFolder(), name);
    for (const { file, size } of files) {
      mkdirSync(dirname(join(own, file)), { recursive: true });
      const descriptor = openSync(join(own, file), this.isFirst ? "r" : "w");
      try {
        await this.#frames(size, (frame) => {
          if (this.isFirst) readSync(descriptor, frame);
          else writeSync(descriptor, frame);
        });
      } finally {
        closeSync(descriptor);
      }
    }
    return own;
  }

  #newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "ethics-worker-"));
    this.#received.push(folder);
    return folder;
  }

  async #bytesFromFirst(bytes: Buffer): Promise<Buffer> {
    const length = Int32Array.of(bytes.length);
    await this.sum(length);
    const all = this.isFirst ? bytes : Buffer.alloc(length[0] as number);
    await this.#frames(all.length, (frame, start) => {
      if (this.isFirst) all.copy(frame, 0, start);
      else frame.copy(all, start);
    });
    return all;
  }

  /**
   * Bytes of worker 0, piece by piece. They are sent as whole numbers, to which the others add zeros: every bit arrives.
   *
   * @param each fills a piece at worker 0, and takes it at the others
   */
  async #frames(length: number, each: (frame: Buffer, start: number) => void): Promise<void> {
    for (let start = 0; start < length; start += FRAME * 4) {
      const left = Math.min(length - start, FRAME * 4);
      // Few different lengths: TensorFlow keeps something for each.
      const numbers = new Int32Array(Math.max(16, 2 ** Math.ceil(Math.log2(left / 4))));
      const frame = Buffer.from(numbers.buffer, 0, left);
      if (this.isFirst) each(frame, start);
      await this.sum(numbers);
      if (!this.isFirst) each(frame, start);
    }
  }
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** @throws {WorkerLost} the port is taken */
function listen(hosts: readonly string[], index: number): Place {
  const tasks = hosts.map((host, i) => `tasks { key: ${i} value: "${host}" }`).join(" ");
  const session = `device_count { key: "GPU" value: 0 } experimental { collective_group_leader: "${taskOf(0)}" }`;
  const server = `cluster { job { name: "worker" ${tasks} } } job_name: "worker" task_index: ${index} protocol: "grpc"`;
  try {
    return collectiveAddon().open(`${server} default_session_config { ${session} }`, `${taskOf(index)}/device:CPU:0`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WorkerLost(
      `worker ${index} (${hosts[index]}): expected to listen there, got: ${reason.split("\n")[0]}. ` +
        "Is the port taken, or is this address another machine's?",
    );
  }
}

function taskOf(index: number): string {
  return `/job:worker/replica:0/task:${index}`;
}

async function answers(place: Place, other: number): Promise<boolean> {
  try {
    await collectiveAddon().checkPeer(place, taskOf(other), 1000);
    return true;
  } catch {
    return false;
  }
}
