import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SweepResult } from "../../lib/sweep/result";
import { type SweepOptions, sweep } from "../../lib/sweep/sweep";
import { temporaryFolder } from "../support/folders";
import { smallSweep } from "../support/sweep";

const side = (out: string, more: Partial<SweepOptions> = {}): Promise<SweepResult> =>
  sweep({ ...smallSweep(out), engine: { name: "local", parallel: 2, threads: 1 }, ...more });

const adapters = ({ trials }: SweepResult): string[] =>
  trials.map(({ folder }) => readFileSync(join(folder, "adapter", "adapter_model.safetensors"), "base64"));

const figures = ({ trials }: SweepResult): object[] =>
  trials.map(({ point, metrics: { baseline, final, trainLoss } }) => ({ point, baseline, final, trainLoss }));

test("side by side and one after another, with the same threads, give the same metrics and adapters", async () => {
  const shares = new Map<string, number>();
  const listener = { onTrialProgress: ({ name }: { name: string }, share: number) => void shares.set(name, share) };
  const two = await side(temporaryFolder(), { listener });
  assert.deepEqual([...shares.keys()].sort(), ["rank-2", "rank-4"]);
  const one = await side(temporaryFolder(), { engine: { name: "local", threads: 1 } });
  assert.deepEqual(figures(two), figures(one));
  assert.deepEqual(adapters(two), adapters(one));
});

test("a larger sweep runs only the new trials, and knows the old ones by their ids, whatever their folders are named", async () => {
  const out = temporaryFolder();
  await side(out);
  const trained: string[] = [];
  const listener = { onTrialBegin: ({ name }: { name: string }) => void trained.push(name) };
  const more = await side(out, { grid: { alpha: [16, 8], rank: [2, 4] }, listener });
  assert.equal(more.trials.length, 4);
  assert.deepEqual(readdirSync(out).sort(), ["alpha-8_rank-2", "alpha-8_rank-4", "rank-2", "rank-4"]);
  assert.deepEqual(
    more.trials.map(({ folder }) => folder.slice(out.length + 1)),
    ["rank-2", "rank-4", "alpha-8_rank-2", "alpha-8_rank-4"],
  );
});

test("the first error of a trial ends the others, and an abort ends all; both can be gone on from", async () => {
  const out = temporaryFolder();
  const impossible = { ...smallSweep(out).parameters, targetModules: ["nowhere"] };
  await assert.rejects(side(out, { parameters: impossible }), /nowhere/);
  const stop = new AbortController();
  const part = await side(out, { signal: stop.signal, listener: { onTrialProgress: () => stop.abort() } });
  assert.deepEqual([part.stopped, part.trials.length], [true, 0]);
  assert.equal((await side(out, { overwrite: true })).trials.length, 2);
});

test("another version of a model's or a dataset's files is another trial", async () => {
  const data = join(temporaryFolder(), "data.csv");
  const out = temporaryFolder();
  const rows = (word: string): string =>
    `text,label\n${Array.from({ length: 12 }, (_, i) => `${word} ${i},${i % 2}`).join("\n")}\n`;
  const options = { grid: { rank: [2] }, parameters: { demo: true, dataset: data, validationShare: 0.5 } };
  writeFileSync(data, rows("one"));
  const parameters = { ...options.parameters, evalSplit: "validation" };
  await sweep({ ...options, parameters, out });
  writeFileSync(data, rows("two"));
  await assert.rejects(sweep({ ...options, parameters, out }), /`versions`: expected as the trial was started/);
});

test("a folder in which another sweep runs is refused", async () => {
  const out = temporaryFolder();
  const lock = join(out, ".sweep.lock");
  writeFileSync(lock, JSON.stringify({ process: process.ppid, host: require("node:os").hostname() }));
  await assert.rejects(side(out), /expected a folder in which no other sweep runs, got process/);
  rmSync(lock);
  assert.equal(existsSync(lock), false);
});
