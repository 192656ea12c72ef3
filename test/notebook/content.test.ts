import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { type Cell, parameterCells, readNotebook, sourceOf } from "../../scripts/notebook/notebook";

const folder = join(__dirname, "../../notebooks");
const NAMES = ["ethics", "explore", "sweep"];
const notebooks = NAMES.map((name) => {
  const { cells } = readNotebook(join(folder, `${name}.ipynb`));
  return { name, cells, code: cells.filter((cell) => cell.cell_type === "code") };
});
const [ethics] = notebooks;
assert.ok(ethics);
const text = ethics.cells.filter((cell) => cell.cell_type === "markdown").map(sourceOf);

/** The headings of the original notebook, in its order. */
const HEADINGS = [
  ...["# Ethics for Robots 101", "## LoRA explained", "## Dataset explained", "## Model Explained"],
  ...["## Download Dataset", "## Pre-Process Dataset", "## Configure Model", "### Tokenize Dataset"],
  "### Configure LoRA",
];

/** The links of the original notebook, in its order. */
const LINKS = [
  "https://arxiv.org/abs/2106.09685",
  "https://huggingface.co/datasets/hendrycks/ethics",
  "https://arxiv.org/pdf/2008.02275.pdf",
  "https://huggingface.co/FacebookAI/roberta-large",
  "https://huggingface.co/siebert/sentiment-roberta-large-english",
  "https://www.sciencedirect.com/science/article/pii/S0167811622000477",
];

function parsed(cell: Cell): ts.SourceFile {
  return ts.createSourceFile("cell.ts", sourceOf(cell), ts.ScriptTarget.ES2022, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

test("the headings of the original are all there, in its order", () => {
  const all = text.flatMap((source) => source.split("\n").filter((line) => /^#{1,6} /.test(line)));
  assert.deepEqual(
    all.filter((heading) => HEADINGS.includes(heading)),
    HEADINGS,
  );
  assert.equal(all.filter((heading) => heading.startsWith("# ")).length, 1);
});

test("the links of the original are all there, in its order", () => {
  const found = text.join("\n").match(/https?:\/\/[^\s)]+/g) ?? [];
  assert.deepEqual(
    found.map((link) => link.replace(/\.$/, "")),
    LINKS,
  );
});

/** The code cells of the original by our tags, in its order. */
const ORIGINAL_CELLS = [
  ...["dataset", "swap", "tokenize", "lora", "metric", "pre-trained-trainer", "baseline", "memory"],
  ...["fine-tuned-trainer", "train", "row"],
];

/** The calls of the original, in its order, by the names that they have here. */
const ORIGINAL_CALLS = [
  ...["loadDataset(", ".map(swapLabels)", "AutoTokenizer.fromPretrained(", ".tokenize("],
  ...["AutoModelForSequenceClassification.fromPretrained(", "new LoraConfig(", "getPeftModel("],
  ...["accuracy(prediction)", "new Trainer(", ".evaluate()", "new Trainer(", ".train("],
];

test("the code cells of the original are all there, in its order", () => {
  const tags = ethics.code.flatMap((cell) => cell.metadata.tags ?? []);
  assert.deepEqual(
    tags.filter((tag) => ORIGINAL_CELLS.includes(tag)),
    ORIGINAL_CELLS,
  );
});

test("the calls of the original are all there, in its order", () => {
  const source = ethics.code.map(sourceOf).join("\n");
  let from = 0;
  for (const call of ORIGINAL_CALLS) {
    const at = source.indexOf(call, from);
    assert.ok(at >= 0, `expected ${call} after position ${from}`);
    from = at + call.length;
  }
});

test("the story fits on a few screens: at most 18 code cells of at most 8 lines, with one import", () => {
  assert.ok(ethics.code.length <= 18, `${ethics.code.length} cells`);
  for (const cell of ethics.code) assert.ok(sourceOf(cell).split("\n").length <= 8, sourceOf(cell));
  const imports = ethics.code.map(sourceOf).flatMap((source) => source.match(/^import [^;]*;/gm) ?? []);
  assert.equal(imports.length, 1);
  assert.ok((imports[0] ?? "").split("\n").length <= 3);
});

test("rank, alpha and demo come first, and the other settings are folded", () => {
  const [first, second] = parameterCells({ cells: ethics.cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
  assert.deepEqual(sourceOf(first as Cell).match(/(?<=^let )\w+/gm), ["rank", "alpha", "demo"]);
  assert.deepEqual(second?.metadata.jupyter, { source_hidden: true });
});

test("it ends with one table of this run beside the ones before it", () => {
  assert.match(sourceOf(ethics.code.at(-1) as Cell), /compareRuns/);
});

test("the lines of code cells are short enough to be read without scrolling", () => {
  for (const { code } of notebooks) {
    for (const cell of code) {
      const lines = sourceOf(cell).split("\n");
      assert.ok(lines.length <= 15, sourceOf(cell));
      for (const line of lines) assert.ok(line.length <= 120, line);
    }
  }
});

test("no function in a cell has a body over five lines", () => {
  for (const cell of notebooks.flatMap(({ code }) => code)) {
    const source = parsed(cell);
    walk(source, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
      const body = (node.body as ts.Node).getText(source);
      assert.ok(body.split("\n").length <= 7, body);
    });
  }
});

test("no object takes a name from an earlier cell in its short form, which the kernel does not resolve", () => {
  for (const cell of notebooks.flatMap(({ code }) => code)) {
    const own = new Set<string>();
    const short: string[] = [];
    walk(parsed(cell), (node) => {
      const declares = ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isParameter(node);
      if (declares && ts.isIdentifier(node.name)) own.add(node.name.text);
      if (ts.isShorthandPropertyAssignment(node)) short.push(node.name.text);
    });
    assert.deepEqual(
      short.filter((name) => !own.has(name)),
      [],
    );
  }
});

test("every code cell is announced by a text, and texts outweigh code", () => {
  const size = (sources: string[]): number => sources.join("").length;
  for (const { cells } of notebooks) {
    const kinds = cells.map((cell) => cell.cell_type);
    assert.ok(kinds.every((kind, i) => kind !== "code" || kinds[i - 1] === "markdown"));
  }
  assert.ok(size(text) > size(ethics.code.map(sourceOf)));
});

test("the files are small enough to be shown on the web", () => {
  for (const name of NAMES) assert.ok(readFileSync(join(folder, `${name}.ipynb`)).length < 1_500_000);
});
