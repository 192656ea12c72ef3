import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { type Cell, readNotebook, sourceOf } from "../../scripts/notebook/notebook";

const file = join(__dirname, "../../notebooks/ethics.ipynb");
const { cells } = readNotebook(file);
const code = cells.filter((cell) => cell.cell_type === "code");
const text = cells.filter((cell) => cell.cell_type === "markdown").map(sourceOf);

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
  ...["dataset", "swap", "swapped", "model-name", "tokenize", "lora", "metric", "pre-trained-trainer", "baseline"],
  ...["memory", "fine-tuned-trainer", "train", "row"],
];

test("the code cells of the original are all there, in its order", () => {
  const tags = code.flatMap((cell) => cell.metadata.tags ?? []);
  assert.deepEqual(
    tags.filter((tag) => ORIGINAL_CELLS.includes(tag)),
    ORIGINAL_CELLS,
  );
});

test("code cells are short", () => {
  const lines = code.map((cell) => sourceOf(cell).split("\n").length).sort((a, b) => a - b);
  assert.ok((lines[Math.floor(lines.length / 2)] ?? 0) <= 8);
  assert.ok((lines.at(-1) ?? 0) <= 25);
  for (const cell of code) for (const line of sourceOf(cell).split("\n")) assert.ok(line.length <= 120, line);
});

test("no function in a cell has a body over five lines", () => {
  for (const cell of code) {
    const source = parsed(cell);
    walk(source, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
      const body = (node.body as ts.Node).getText(source);
      assert.ok(body.split("\n").length <= 7, body);
    });
  }
});

test("no object takes a name from an earlier cell in its short form, which the kernel does not resolve", () => {
  for (const cell of code) {
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
  const kinds = cells.map((cell) => cell.cell_type);
  assert.ok(kinds.every((kind, i) => kind !== "code" || kinds[i - 1] === "markdown"));
  const size = (sources: string[]): number => sources.join("").length;
  assert.ok(size(text) > size(code.map(sourceOf)));
});

test("the file is small enough to be shown on the web", () => {
  assert.ok(readFileSync(file).length < 1_500_000);
});
