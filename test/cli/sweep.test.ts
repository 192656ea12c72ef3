import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { deviceInfo } from "../../lib/tensor/device";
import { UsageError } from "../../scripts/cli/command-line";
import { parseSweep, sweepGrid } from "../../scripts/commands/sweep";
import { temporaryFolder, writeFiles } from "../support/folders";

function refusal(...args: string[]): string {
  try {
    parseSweep(args);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  assert.fail(`${args.join(" ")} was taken`);
}

test("values of a grid are read like the option of that name, and other options are shared by all trials", () => {
  const command = parseSweep([
    "--grid",
    "rank=4,8,16",
    "--grid=learning-rate=1e-3,2e-3",
    "--demo",
    "--train-limit",
    "40",
  ]);
  assert.deepEqual(command.grid, { rank: [4, 8, 16], learningRate: [1e-3, 2e-3] });
  assert.deepEqual(command.parameters, { demo: true, trainLimit: 40 });
  assert.equal(command.out, resolve(join(__dirname, "../../runs/sweep")));
});

test("an engine takes its own options alone, and Ray wants its address and storage", () => {
  const grid = ["--grid", "rank=4"];
  const ray = ["--engine", "ray", "--address", "http://head:8265", "--storage", "/shared", "--cpus", "2"];
  assert.deepEqual(parseSweep([...grid, ...ray]).engine, {
    ...{ name: "ray", address: "http://head:8265", storage: "/shared", cpus: 2 },
  });
  assert.deepEqual(parseSweep([...grid, "--parallel", "2"]).engine, { name: "local", parallel: 2 });
  assert.match(refusal(...grid, "--cpus", "2"), /`--cpus`: expected an option of --engine local, got another's/);
  assert.match(refusal(...grid, ...ray, "--parallel", "2"), /`--parallel`: expected an option of --engine ray/);
  assert.match(refusal(...grid, "--engine", "ray"), /`--address`, `--storage`: expected both with --engine ray/);
  assert.match(refusal(...grid, "--seeds", "0"), /`--seeds`: expected a whole number above 0, got "0"/);
});

test("lists and names with choices can be swept too", () => {
  const { grid } = parseSweep(["--grid", "target-modules=query+value,query", "--grid", "optim=adamw,adamw_bnb_8bit"]);
  assert.deepEqual(grid, { targetModules: [["query", "value"], ["query"]], optim: ["adamw", "adamw_8bit"] });
});

test("a mistake is named with what is allowed", () => {
  assert.match(refusal(), /`--grid`: expected at least one, such as --grid rank=4,8,16/);
  assert.match(refusal("--grid"), /expected a parameter and its values/);
  assert.match(refusal("--grid", "rank"), /expected a parameter and its values, such as rank=4,8,16, got "rank"/);
  assert.match(refusal("--grid", "ranks=4"), /expected one of rank, alpha, .*model.*, got "ranks"/);
  assert.match(refusal("--grid", "rank=4,0"), /`--rank`: expected a whole number above 0, got "0"/);
  assert.match(refusal("--grid", "rank=4,"), /`--rank`: expected a whole number above 0, got ""/);
  assert.match(refusal("--grid", "rank=4", "--rank", "8"), /`--rank`: expected once, got it beside --grid rank/);
  assert.match(refusal("--grid", "rank=4", "--tensorboard"), /`--tensorboard`: expected an option of a sweep/);
  assert.match(refusal("--grid", "rank=4", "--colour"), /`--colour`: expected one of the options below/);
});

test("--overwrite replaces trials of other parameters, and none before all is checked", async (t) => {
  t.mock.method(console, "log", () => undefined);
  const out = temporaryFolder();
  const typed = (...more: string[]): string[] => [
    "--demo",
    "--grid",
    "rank=2",
    "--eval-limit",
    "8",
    "--out",
    out,
    ...more,
  ];
  const rows = (): number => JSON.parse(readFileSync(join(out, "rank-2", "metrics.json"), "utf8")).trainRows;
  assert.equal(await sweepGrid.main(typed("--train-limit", "8")), 0);
  await assert.rejects(
    sweepGrid.main(typed("--train-limit", "4")),
    /`trainLimit`: expected as the trial was started \(8\), got 4/,
  );
  await assert.rejects(sweepGrid.main(typed("--train-limit", "4", "--overwrite", "--train-split", "trian")), /trian/);
  assert.equal(rows(), 8);
  assert.equal(await sweepGrid.main(typed("--train-limit", "4", "--overwrite")), 0);
  assert.equal(rows(), 4);
});

const onGpu = deviceInfo().device === "gpu" && "a graphics card may do it";

test("a sweep on a processor without the demo and without limits is refused", { skip: onGpu }, async () => {
  await assert.rejects(
    sweepGrid.main(["--grid", "rank=4"]),
    /`--train-limit`, `--eval-limit`: expected both on a processor/,
  );
});

test("data that does not fit is refused in the words of the command line, before TensorFlow is loaded", async () => {
  const dataset = join(writeFiles(temporaryFolder(), { "a.csv": "note,label\na,x\nb,y\n" }), "a.csv");
  const program = join(__dirname, "../../scripts/cli.mjs");
  const typed = [program, "sweep", "--demo", "--offline", "--grid", "rank=2,4", "--dataset", dataset];
  const { status, stdout, stderr } = spawnSync(process.execPath, typed, { encoding: "utf8" });
  assert.deepEqual([status, stdout], [2, ""]);
  // Nothing stands before it: TensorFlow would have said something.
  assert.match(stderr, /^\S*a\.csv: `--text-column`: expected one of the columns note, label, got none/);
});
