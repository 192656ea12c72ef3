/** Worker processes that this process has started. */
import { readdirSync, readFileSync } from "node:fs";

/** @returns the process of each worker under way, by the worker's number */
export function workerProcesses(): Map<number, number> {
  const found = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = / [A-Z] (\d+) /.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1];
        const given = /"index":(\d+)/.exec(readFileSync(`/proc/${name}/cmdline`, "utf8"))?.[1];
        return Number(parent) === process.pid && given !== undefined ? [[Number(given), Number(name)] as const] : [];
      } catch {
        return []; // it has just ended
      }
    });
  return new Map(found);
}

/** Ports of 127.0.0.1 that a process listens on, and of all addresses: of the whole machine, since Linux keeps no more. */
export function listeningAddresses(): string[] {
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === "0A")
      .map(([, address = ""]) => address),
  );
}
