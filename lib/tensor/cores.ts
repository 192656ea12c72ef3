/** How many processors this process may keep busy. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/**
 * The processors in this process's affinity mask, limited by the CPU quota of its control groups (usually its container's),
 * rounded up, and by TF_NUM_INTRAOP_THREADS in the environment, TensorFlow's own limit.
 *
 * @param root of the file system (default "/")
 */
export function availableCores(root = "/"): number {
  const limit = Number(process.env.TF_NUM_INTRAOP_THREADS) || Number.POSITIVE_INFINITY;
  return Math.min(availableParallelism(), Math.ceil(cpuQuota(root)), limit);
}

/** The smallest quota of this process's groups and their parents, in processors; Infinity without one. */
function cpuQuota(root: string): number {
  const groups = readText(join(root, "proc", "self", "cgroup")) ?? "";
  const quotas = groups.split("\n").flatMap((line) => {
    // Version 2 has one hierarchy, "0::/path", version 1 one for each set of controllers, as "4:cpu,cpuacct:/path".
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers !== "" && !controllers.split(",").includes("cpu")) return [];
    const top = join(root, "sys", "fs", "cgroup", controllers === "" ? "" : "cpu");
    return pathsUpwards(path).map((group) => quotaOf(join(top, group)));
  });
  return Math.min(...quotas);
}

/** A path and its parents; a container may see its own group only, as the root. */
function pathsUpwards(path: string): string[] {
  return path === "/" ? [path] : [path, ...pathsUpwards(dirname(path))];
}

function quotaOf(group: string): number {
  const version2 = readText(join(group, "cpu.max"))?.split(" ");
  const [quota, period] = version2 ?? ["quota", "period"].map((name) => readText(join(group, `cpu.cfs_${name}_us`)));
  const cores = Number(quota) / Number(period);
  // Without a limit the quota is "max" or −1; a group may also have no such file.
  return cores > 0 ? cores : Number.POSITIVE_INFINITY;
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
