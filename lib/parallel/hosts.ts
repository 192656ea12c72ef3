/** Where workers listen, and what of a machine each of them gets. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { availableCores } from "../tensor/cores";
import { BIND_LIBRARY, checkAddon } from "./addon";

/** The address that workers of one machine have. */
const LOOPBACK = "127.0.0.1";

/**
 * Checks the addresses of workers.
 *
 * @param hosts as "host:port", worker 0 first
 * @throws {RangeError} there are fewer than two, one is not an address, or two are the same
 */
export function checkHosts(hosts: readonly string[]): void {
  const refuse = (expected: string, got: string): never => {
    throw new RangeError(`\`workerHosts\`: expected ${expected}, got ${got}.`);
  };
  if (hosts.length < 2) refuse("the addresses of two workers or more, as a:2222,b:2222", hosts.join(",") || "none");
  for (const [i, host] of hosts.entries()) {
    const port = Number(/^[\w.-]+:(\d{1,5})$/.exec(host)?.[1] ?? 0);
    if (port < 1 || port > 65535) refuse("a host and a port as a:2222", host);
    if (hosts.indexOf(host) !== i) refuse("a different address for each worker", `${host} twice`);
  }
}

/**
 * Checks workers before anything is begun: their addresses, or else that this machine has something for each of them.
 *
 * @throws {RangeError} addresses or number are not allowed
 * @throws the addon was not built
 */
export function checkWorkers({ workers, workerHosts }: { workers: number; workerHosts: readonly string[] }): void {
  if (workerHosts.length > 0) checkHosts(workerHosts);
  else if (workers > 1) checkMachine(workers);
  if (workers > 1 || workerHosts.length > 0) checkAddon();
}

/** @throws {RangeError} no worker has this number */
export function checkIndex(hosts: readonly string[], index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < hosts.length) return;
  throw new RangeError(`\`workerIndex\`: expected 0 to ${hosts.length - 1}, a place in the hosts, got ${index}.`);
}

/** Addresses on this machine whose ports are free just now. */
export async function freeAddresses(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const listening = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, LOOPBACK, () => resolve((server.address() as { port: number }).port));
      }),
  );
  const ports = await Promise.all(listening);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports.map((port) => `${LOOPBACK}:${port}`);
}

/**
 * Checks that a machine has something for each of its workers: a GPU, or else a core.
 *
 * @throws {RangeError} it has not
 */
function checkMachine(workers: number): void {
  const gpus = gpuNames();
  const [count, what] = gpus ? [gpus.length, "GPUs"] : [availableCores(), "cores"];
  if (workers <= count) return;
  throw new RangeError(`\`workers\`: expected at most ${count}, the ${what} of this machine, got ${workers}.`);
}

/** The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; undefined where it computes on the processor. */
function gpuNames(): string[] | undefined {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible === "" || visible === "-1") return undefined;
  gpuCount ??= countGpus();
  if (gpuCount === 0) return undefined;
  return visible?.split(",") ?? Array.from({ length: gpuCount }, (_, i) => `${i}`);
}

/** The GPUs of this machine, once they were counted. */
let gpuCount: number | undefined;

/** Asks the driver: TensorFlow would take a GPU's memory to answer. */
function countGpus(): number {
  const { stdout } = spawnSync("nvidia-smi", ["-L"], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter((line) => line.startsWith("GPU ")).length;
}

/**
 * The environment of a worker: its share of this machine, and the address that its server listens on.
 *
 * @param place.index of the worker among those of this machine
 * @param place.count workers of this machine
 * @param place.host its own address
 */
export function workerEnvironment(place: { index: number; count: number; host: string }): NodeJS.ProcessEnv {
  const { index, count, host } = place;
  const threads = `${Math.max(1, Math.floor(availableCores() / count))}`;
  const gpu = gpuNames()?.[index];
  const [name = ""] = host.split(":");
  // A name may stand for several addresses; only a number is sure to be the one meant.
  const only = /^[\d.]+$/.test(name) && existsSync(BIND_LIBRARY) ? { LD_PRELOAD: preload(), ETHICS_BIND: name } : {};
  return {
    ...process.env,
    // What goes wrong is told in our own words; TensorFlow would tell it again in each worker.
    TF_CPP_MIN_LOG_LEVEL: "3",
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: threads,
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu, TF_FORCE_GPU_ALLOW_GROWTH: "true" }),
    ...only,
  };
}

function preload(): string {
  return [BIND_LIBRARY, ...(process.env.LD_PRELOAD ?? "").split(/[ :]/)].filter((name) => name !== "").join(":");
}

/** What whoever starts workers has to know of their ports. */
export function portWarning(hosts: readonly string[]): string {
  const isAlone = hosts.every((host) => host.startsWith(`${LOOPBACK}:`)) && existsSync(BIND_LIBRARY);
  const whoever = "without a password and without encryption: whoever reaches such a port can run operations as you";
  return isAlone
    ? `The workers listen on ${LOOPBACK}, ${whoever}. Other users of this machine can.`
    : `The workers listen on ${hosts.join(", ")}, ${whoever}, and read your files. Only in a network that you trust.`;
}
