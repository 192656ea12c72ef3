import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nearestName as nearest } from "../../lib/process/options";
import { main } from "../../scripts/cli/main";
import { answerLine } from "../../scripts/commands/answers";
import { temporaryFolder } from "../support/folders";

const root = join(__dirname, "..", "..");
const folder = temporaryFolder();
const run = join(folder, "run");

/** Runs a command as `npm run -s cli` does. */
function cli(args: string[], input = ""): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, "scripts/cli.mjs"), ...args], { cwd: root, input, encoding: "utf8" });
}

test("a run is trained, asked in a pipe, evaluated and merged without a notebook", () => {
  const rows = ["--demo", "--train-limit", "8", "--eval-limit", "8"];
  const trained = cli(["train", ...rows, "--out", run]);
  assert.equal(trained.status, 0, trained.stderr);
  const { final } = JSON.parse(readFileSync(join(run, "metrics.json"), "utf8"));
  assert.match(readFileSync(join(run, "adapter", "README.md"), "utf8"), /accuracy/);

  const asked = cli(["predict", "--run", run, "--format", "jsonl"], "I helped.\r\n\nI robbed him.");
  const answers = asked.stdout.trim().split("\n");
  assert.deepEqual(
    answers.map((line) => JSON.parse(line).text),
    ["I helped.", "I robbed him."],
  );

  const evaluated = cli(["evaluate", "--run", run, "--format", "json"]);
  assert.deepEqual(JSON.parse(evaluated.stdout), { split: "test", rows: 8, ...final });

  const merged = join(folder, "merged");
  assert.equal(cli(["merge", "--run", run, "--out", merged]).status, 0);
  assert.equal(cli(["predict", "--model", merged, "--format", "jsonl", "I helped."]).stdout, `${answers[0]}\n`);
});

test("a mistake is named in two seconds, before TensorFlow is loaded", () => {
  const start = performance.now();
  const { status, stdout, stderr } = cli(["predict", "--formt", "csv"]);
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /`--formt`: expected one of --run, .*\. Did you mean --format\?/);
  // Three times that, since tests share the machine.
  assert.ok(performance.now() - start < 6000);
});

test("what cannot be is refused with what was found and what there is", async (t) => {
  const said: string[] = [];
  t.mock.method(console, "error", (line: string) => void said.push(line));
  const refused = async (expected: RegExp, ...args: string[]): Promise<void> => {
    assert.equal(await main(args), 2);
    assert.match(said.at(-1) ?? "", expected);
  };
  await refused(/`trian`: expected one of train, evaluate, .*\. Did you mean train\?/, "trian");
  await refused(/`--run`, `--model`: expected one of them, got neither/, "predict", "x");
  await refused(/`--file`: expected a file, got none/, "predict", "--run", "x", "--file", root);
  await refused(/`--dataset`: expected with --model, got none/, "evaluate", "--model", "x");
  await refused(/`--out`: expected a new or an empty folder/, "merge", "--run", "x", "--out", join(root, "lib"));
  await refused(/there is nothing to merge/, "merge", "--model", "x", "--out", "y");
});

test("the help of every command lists its options", async (t) => {
  const said: string[] = [];
  t.mock.method(console, "log", (line: string) => void said.push(line));
  for (const name of ["train", "evaluate", "predict", "merge", "export", "page", "sweep"]) {
    assert.equal(await main([name, "--help"]), 0);
    assert.match(said.at(-1) ?? "", /--run|--out/, name);
  }
});

test("answers are written as text, JSON or CSV, with what they stand in between quoted", () => {
  const answer = {
    text: 'a "b", c',
    label: "GOOD",
    score: 0.75,
    probabilities: [0.25, 0.75],
    labelNames: ["BAD", "GOOD"],
  };
  assert.equal(answerLine(answer, "text"), 'GOOD\t0.7500\ta "b", c\n');
  assert.equal(answerLine(answer, "csv"), '"a ""b"", c",GOOD,0.75\n');
  assert.deepEqual(JSON.parse(answerLine(answer, "jsonl")).probabilities, { BAD: 0.25, GOOD: 0.75 });
});

test("a mistyped word is told from another word", () => {
  assert.equal(nearest("pedict", ["predict", "page"]), "predict");
  assert.equal(nearest("xyz", ["predict", "page"]), undefined);
});
