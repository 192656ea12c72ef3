import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommand } from "../../scripts/bench/options";
import { UsageError } from "../../scripts/cli/command-line";

const read = (line: string) => readCommand(line.split(" "));

test("a run's options are read with a space or an equals sign, the rest is by default", () => {
  assert.deepEqual(read("train --inputs=some/folder --steps 4 --dtype bfloat16 --profile"), {
    ...{ command: "train", job: "train", inputs: "some/folder", steps: 4, dtype: "bfloat16" },
    ...{ rank: 8, optim: "adamw", profile: true },
  });
  assert.deepEqual(read("eval --inputs some --steps 2 --rank 16 --optim adamw_8bit"), {
    ...{ command: "eval", job: "eval", inputs: "some", steps: 2, dtype: "float32" },
    ...{ rank: 16, optim: "adamw_8bit", profile: false },
  });
});

test("a comparison takes lists, and both jobs and dtypes when none are named", () => {
  const all = read("compare --peer python3 --inputs some");
  assert.deepEqual(all, {
    ...{ command: "compare", peer: "python3", inputs: "some", pairs: 5, steps: 4 },
    ...{ jobs: ["train", "eval"], dtypes: ["float32", "bfloat16"], evalBatch: 16, out: undefined },
  });
  const some = "--pairs 3 --steps 2 --jobs eval --dtypes bfloat16,float32 --eval-batch 32 --out figures.json";
  assert.deepEqual(read(`compare --peer python3 --inputs some ${some}`), {
    ...{ command: "compare", peer: "python3", inputs: "some", pairs: 3, steps: 2 },
    ...{ jobs: ["eval"], dtypes: ["bfloat16", "float32"], evalBatch: 32, out: "figures.json" },
  });
});

test("curve and leak are read, and --help or no command at all asks for the help", () => {
  assert.deepEqual(read("curve --peer python3 --out docs --size tiny"), {
    ...{ command: "curve", peer: "python3", out: "docs", size: "tiny", dtype: "float32", pairs: 3, steps: 3 },
  });
  assert.deepEqual(read("leak"), { command: "leak" });
  assert.equal(readCommand([]), "help");
  assert.equal(read("compare --help"), "help");
});

test("a mistake is refused by its name, with what is allowed", () => {
  const mistakes: [line: string, message: RegExp][] = [
    ["trian", /^`trian`: expected one of train, eval, compare, curve, leak\./],
    ["toString", /^`toString`: expected one of train/],
    [
      "train --steps 4",
      /^`--inputs`: expected a folder made by scripts\/bench\/prepare\.py, got no such option\. Add it/,
    ],
    ["train --inputs --steps 4", /^`--inputs`: expected a folder .*, got no value/],
    ["train --inputs some", /^`--steps`: expected a whole number above 0/],
    ["train --inputs some --steps 0", /^`--steps`: expected a whole number above 0, got "0"/],
    ["train --inputs some --steps 1e3", /^`--steps`: expected a whole number above 0, got "1e3"/],
    ["train --inputs some --steps 4 --dtype half", /^`--dtype`: expected one of float32, bfloat16, got "half"/],
    ["train --inputs some --steps 4 --steps 5", /^`--steps`: expected once, got it twice/],
    ["train --inputs some --steps 4 --profile yes", /^`--profile`: expected no value, got "yes"/],
    ["train --inputs some --steps 4 --ranks 3", /^`--ranks`: expected one of --inputs, --steps, .*--rank/],
    ["train some", /^`some`: expected an option that begins with --/],
    ["compare --peer p --inputs some --jobs train,test", /^`--jobs`: expected one of train, eval, got "test"/],
    ["leak --steps 3", /^`--steps`: expected no options for this command\. Leave it out\./],
  ];
  for (const [line, message] of mistakes) {
    assert.throws(
      () => read(line),
      (error: Error) => error instanceof UsageError && message.test(error.message),
      line,
    );
  }
});
