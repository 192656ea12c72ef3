import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ETHICS_PARTS } from "../../lib/ethics/parts";
import { LEARNING_RATES } from "../../lib/runs/training";
import { flagOf, UsageError } from "../../scripts/cli/command-line";
import { asTyped, helpText, INITIAL_VALUES, OPTIONS, parseOptions } from "../../scripts/cli/options";
import {
  literal,
  type Notebook,
  parameterCells,
  parametersOf,
  parametrise,
  readNotebook,
  sourceOf,
} from "../../scripts/notebook/notebook";

const notebook = readNotebook(join(__dirname, "../../notebooks/ethics.ipynb"));

test("options are the parameters of the notebook, in its order and with its values", () => {
  const parameters = parametersOf(notebook);
  assert.deepEqual(parameters, Object.fromEntries(OPTIONS.map(({ name, initial }) => [name, literal(initial)])));
  assert.deepEqual(
    Object.keys(parameters),
    OPTIONS.map(({ name }) => name),
  );
});

test("the notebook names the learning rates that the library takes where none is given", () => {
  const { original, demo } = LEARNING_RATES;
  assert.ok(helpText().includes(`0: ${original.toExponential()} as in the original`));
  const code = notebook.cells.filter(({ cell_type }) => cell_type === "code").map(sourceOf);
  const written =
    code
      .join("\n")
      .match(/\b\d+e-\d+\b/g)
      ?.map(Number) ?? [];
  for (const rate of written) assert.ok([original, demo].includes(rate), `${rate}`);
});

test("options are read with a space or an equals sign, and Python's optimizer names are taken", () => {
  assert.deepEqual(
    parseOptions(["--rank", "16", "--learning-rate=1e-3", "--train-head", "--optim", "adamw_bnb_8bit"]),
    {
      rank: 16,
      learningRate: 1e-3,
      trainHead: true,
      optim: "adamw_8bit",
    },
  );
  assert.deepEqual(parseOptions(["--target-modules", "query, key"]), { targetModules: ["query", "key"] });
});

test("an unknown option is refused with the list of those that exist", () => {
  assert.throws(
    () => parseOptions(["--ranks", "3"]),
    (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^`--ranks`: expected one of the options below/);
      for (const { name } of OPTIONS) assert.ok(error.message.includes(flagOf(name)));
      return true;
    },
  );
});

test("a word that belongs to no option and an option that is typed twice are refused", () => {
  const cases: [string[], RegExp][] = [
    [["16"], /^`16`: expected an option that begins with --, got this\.$/],
    [["--rank", "16", "32"], /^`32`: expected an option that begins with --, got this\.$/],
    [["--demo", "yes"], /^`--demo`: expected no value, got "yes"\.$/],
    [["--"], /^`--`: expected one of the options below/],
    [["-r", "3"], /^`-r`: expected one of the options below/],
    [["--rank", "4", "--rank=8"], /^`--rank`: expected once, got it twice\. Leave one out\.$/],
  ];
  for (const [args, message] of cases) assert.throws(() => parseOptions(args), { message });
});

test("a value may begin with a dash, or be empty where that can be read", () => {
  assert.throws(() => parseOptions(["--seed", "-1"]), {
    message: /^`--seed`: expected a whole number, 0 or above, got "-1"/,
  });
  assert.throws(() => parseOptions(["--rank="]), { message: /^`--rank`: expected a whole number above 0, got ""/ });
  assert.throws(() => parseOptions(["--model="]), { message: /^`--model`: expected a value, got nothing\./ });
  assert.deepEqual(parseOptions(["--model", "-odd", "--out==x"]), { model: "-odd", out: "=x" });
});

test("a bad value is refused with what is allowed", () => {
  const cases: [string[], RegExp][] = [
    [["--rank", "0"], /^`--rank`: expected a whole number above 0, got "0"\./],
    [["--rank", "1.5"], /^`--rank`: expected a whole number above 0/],
    [["--rank"], /^`--rank`: expected a whole number above 0, got nothing\./],
    [["--rank", "--demo"], /^`--rank`: expected a whole number above 0, got nothing\./],
    [["--dropout", "1"], /^`--dropout`: expected a number from 0 to below 1, got "1"\./],
    [["--validation-share", "1"], /^`--validation-share`: expected a number above 0 and below 1, got "1"\./],
    [["--dtype", "float16"], /^`--dtype`: expected one of float32, bfloat16, got "float16"\./],
    [["--optim", "constructor"], /^`--optim`: expected one of adamw_8bit, adamw, /],
    [["--optim", "sgd"], /^`--optim`: expected one of adamw_8bit, adamw, /],
    [["--learning-rate", "fast"], /^`--learning-rate`: expected a number from 0 to 1, got "fast"\./],
    [["--demo=yes"], /^`--demo`: expected no value/],
    [["--target-modules", "query,"], /^`--target-modules`: expected names/],
  ];
  for (const [args, message] of cases) assert.throws(() => parseOptions(args), { message });
});

test("every part of ETHICS can be chosen", () => {
  for (const config of Object.keys(ETHICS_PARTS)) assert.deepEqual(parseOptions(["--config", config]), { config });
});

test("errors of the library name the command line's options", () => {
  const typed = asTyped(
    '`textColumn`: expected `a`. Type `textColumn: "a b"` or `newHead: true`, or leave `rows: 2` out.',
  );
  assert.equal(
    typed,
    '`--text-column`: expected `a`. Type `--text-column "a b"` or `--new-head`, or leave `rows: 2` out.',
  );
});

test("help names every option", () => {
  for (const { name } of OPTIONS) assert.ok(helpText().includes(`  ${flagOf(name)}`));
});

/** The sources of the parameter cells. */
const parameterSources = (one: Notebook): string[] => parameterCells(one).map(sourceOf);

test("parameters change their own values alone, in the first cell and among the settings", () => {
  const changed = parametrise(notebook, {
    rank: 16,
    targetModules: ["query", "key"],
    model: 'a "$1" b',
    trainHead: true,
  });
  const expected = parameterSources(notebook)
    .join("\n")
    .replace("let rank = 8;", "let rank = 16;")
    .replace('targetModules: ["query", "value"]', 'targetModules: ["query", "key"]')
    .replace('model: ""', () => 'model: "a \\"$1\\" b"')
    .replace("trainHead: false", "trainHead: true");
  assert.equal(parameterSources(changed).join("\n"), expected);
  assert.deepEqual(changed.cells.length, notebook.cells.length);
  assert.throws(() => parametrise(notebook, { nothing: 1 }), /expected a line `let nothing = …;` or a setting/);
});

test("a value is replaced whole, over several lines and with a semicolon in it", () => {
  const edited = structuredClone(notebook);
  const [first, settings] = parameterCells(edited);
  assert.ok(first && settings);
  first.source = sourceOf(first).replace("let alpha = 8;", "let alpha = 4 * 2;");
  settings.source = sourceOf(settings)
    .replace('model: ""', 'model: "a;b"')
    .replace('["query", "value"]', '[\n  "query",\n]')
    .replace("seed: 42", "seed: 1");
  assert.deepEqual(parameterSources(parametrise(edited, INITIAL_VALUES)), parameterSources(notebook));
  first.source = "rank = 16";
  assert.throws(() => parametrise(edited, { rank: 1 }), /expected a line `let rank = …;`/);
});
