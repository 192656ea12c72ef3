/** Sizes that keep the code easy to find one's way in. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const root = join(__dirname, "..");
const MOST_FILES = 16;
const MOST_LINES = 300;
const MOST_FUNCTION_LINES = 60;

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

const lib = filesUnder(join(root, "lib"));
const code = [...lib, ...filesUnder(join(root, "scripts"))].filter((file) => /\.(ts|mjs|js|cc|h|py)$/.test(file));
const linesOf = (file: string): number => readFileSync(file, "utf8").split("\n").length - 1;

test("no folder of the library has more files than fit on a screen", () => {
  const folders = new Map<string, number>();
  for (const file of lib) folders.set(join(file, ".."), (folders.get(join(file, "..")) ?? 0) + 1);
  assert.deepEqual(
    [...folders].filter(([, files]) => files > MOST_FILES),
    [],
  );
});

test("no file of the library or the scripts is too long to be read in one sitting", () => {
  const long = code.filter((file) => linesOf(file) > MOST_LINES).map((file) => relative(root, file));
  assert.deepEqual(long, []);
});

test("every function fits on one screen", () => {
  const long: string[] = [];
  for (const file of code.filter((name) => /\.(ts|mjs|js)$/.test(name))) {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
      const lines = line(node.getEnd()) - line(node.getStart()) + 1;
      if (ts.isFunctionLike(node) && lines > MOST_FUNCTION_LINES) long.push(`${relative(root, file)}: ${lines} lines`);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  assert.deepEqual(long, []);
});

test("the walk in CONTRIBUTING.md names files that exist, each once", () => {
  const [, walk = ""] = readFileSync(join(root, "CONTRIBUTING.md"), "utf8").split(
    "## A text's way from a CSV to a plot",
  );
  const [section = ""] = walk.split("\n## ");
  const named = section.match(/lib\/[\w/.-]+\.ts/g) ?? [];
  assert.ok(named.length >= 20);
  assert.deepEqual(
    named.filter((file) => !existsSync(join(root, file))),
    [],
  );
  assert.deepEqual(named, [...new Set(named)]);
});
