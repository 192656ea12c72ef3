import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { availableCores } from "../../lib/tensor/cores";
import { temporaryFolder } from "../support/folders";

const own = availableParallelism();

/** A file system with these files. */
function rootWith(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(name)), { recursive: true });
    writeFileSync(join(root, name), `${text}\n`);
  }
  return root;
}

const one = Math.min(own, 1);
const two = Math.min(own, 2);
const version1 = (quota: string, path = ""): Record<string, string> => ({
  "proc/self/cgroup": `9:cpuset:/other\n4:cpu,cpuacct:/${path}\n0::/`,
  [`sys/fs/cgroup/cpu/${path}/cpu.cfs_quota_us`]: quota,
  [`sys/fs/cgroup/cpu/${path}/cpu.cfs_period_us`]: "100000",
});

const cases: [what: string, files: Record<string, string>, cores: number][] = [
  ["without control groups", {}, own],
  ["without a limit", { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000" }, own],
  ["of one processor", { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "100000 100000" }, one],
  ["of one and a half", { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "75000 50000" }, two],
  ["of a tenth", { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "10000 100000" }, one],
  ["of more than there are", { "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "100000000 100000" }, own],
  [
    "of a group around the process's",
    {
      "proc/self/cgroup": "0::/pod/container",
      "sys/fs/cgroup/pod/cpu.max": "100000 100000",
      "sys/fs/cgroup/pod/container/cpu.max": "max 100000",
    },
    one,
  ],
  [
    "of a container that sees its own group at the top",
    { "proc/self/cgroup": "0::/docker/abc", "sys/fs/cgroup/cpu.max": "100000 100000" },
    one,
  ],
  [
    "of a group that the process is not in",
    { "proc/self/cgroup": "0::/mine", "sys/fs/cgroup/other/cpu.max": "100000 100000" },
    own,
  ],
  ["of version 1, without a limit", version1("-1"), own],
  ["of version 1, of one processor", version1("100000", "docker/abc"), one],
];

for (const [what, files, cores] of cases) {
  test(`a CPU quota ${what}: ${cores} of ${own} processors are used`, () => {
    assert.equal(availableCores(rootWith(files)), cores);
  });
}

test("on this machine at least one processor is used, and no more than the affinity mask has", () => {
  assert.ok(availableCores() >= 1 && availableCores() <= own);
});
