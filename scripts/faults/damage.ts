/** Files of a checkpoint that are damaged, and two runs that want one folder. */
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPaths } from "../../lib/runs/run-folder";
import { Mt19937 } from "../../lib/tensor/random";
import { lastCheckpoint } from "../../lib/train/checkpoint";
import { endOf, startProgram, train } from "./demo-run";
import type { Fault, Lab } from "./fault";

/** Damages a random file of the newest checkpoint of a copy of the whole run, and resumes it. */
function damaged(damage: (file: string, random: Mt19937) => void): Fault["meet"] {
  return async (lab) => {
    const out = lab.newFolder();
    const { checkpoints } = runPaths(out);
    cpSync(runPaths(await lab.whole()).checkpoints, checkpoints, { recursive: true });
    const random = new Mt19937(lab.seed);
    const folder = lastCheckpoint(checkpoints) ?? "";
    const names = readdirSync(folder).sort();
    const name = names[random.next32() % names.length] ?? "";
    damage(join(folder, name), random);
    const { code, said } = await train(out, lab.size);
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`${name}: .*is used instead`, "s"), `${name}: ${said}`);
    await lab.assertSame(out);
    return `${name}: named, the checkpoint before it was used, the adapter is the same`;
  };
}

function flipBit(file: string, random: Mt19937): void {
  const bytes = readFileSync(file);
  const at = random.next32() % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (random.next32() % 8));
  writeFileSync(file, bytes);
}

/** Two runs that start at once: one is refused, the other one ends. */
async function twoAtOnce(lab: Lab): Promise<string> {
  const out = lab.newFolder();
  const options = ["--demo", "--train-limit", "40", "--eval-limit", "20", "--out", out];
  const both = await Promise.all([1, 2].map(() => endOf(startProgram("notebook/main.ts", options))));
  assert.deepEqual(both.map(({ code }) => code).sort(), [0, 2], both.map(({ said }) => said).join("\n"));
  assert.match(both.find(({ code }) => code === 2)?.said ?? "", /without a run at work, got process \d+'s/);
  return "one is refused with the other's process, the other one ends";
}

export const DAMAGE: readonly Fault[] = [
  { name: "damage: a flipped bit in a checkpoint", meet: damaged(flipBit) },
  {
    name: "damage: a checkpoint's file cut short",
    meet: damaged((file, random) => truncateSync(file, random.next32() % readFileSync(file).length)),
  },
  { name: "damage: a checkpoint's file empty", meet: damaged((file) => truncateSync(file, 0)) },
];

export const TWO_AT_ONCE: Fault = { name: "two runs on one folder at once", meet: twoAtOnce };
