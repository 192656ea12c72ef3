import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const lib = join(__dirname, "..", "lib");

/**
 * The order of lib's folders, a level each: a folder imports from those above it alone. The last three levels above the
 * door are this project's; what comes before them serves any classifier.
 */
const LEVELS: readonly (readonly string[])[] = [
  ["process"],
  ["tensor", "files"],
  ["hub", "parallel"],
  ["data", "model"],
  ["lora"],
  ["evaluate", "onnx"],
  ["train"],
  ["ethics"],
  ["runs"],
  ["sweep"],
  ["report"],
  ["index"],
];

/** The one place for each third party: a file or a folder of lib. */
const doors: Record<string, string> = {
  "@tensorflow/tfjs-node": "tensor/tensorflow.ts",
  "@huggingface/hub": "hub",
  undici: "hub/net/proxy.ts",
  "@huggingface/tokenizers": "data/tokenizer/tokenizer.ts",
  "danfojs-node": "data/frame.ts",
  papaparse: "files/csv.ts",
  hyparquet: "files/parquet/thread.js",
  "hyparquet-compressors": "files/parquet/thread.js",
  yauzl: "files/torch-checkpoint.ts",
  re2js: "lora/python-regex.ts",
  "plotly.js-dist": "report",
  jsdom: "report",
  "@resvg/resvg-js": "report",
  tslab: "report",
};

interface Import {
  file: string;
  target: string;
}

const imports = filesUnder(lib)
  .filter((file) => file.endsWith(".ts"))
  .flatMap(importsOf);
const local = imports.filter(({ target }) => target.startsWith("."));

test("each folder of lib imports only from the folders that come before it", () => {
  const wrong = local.filter(({ file, target }) => {
    const [from, to] = [layerOf(file), layerOf(resolved(file, target))];
    return from !== to && levelOf(to) >= levelOf(from);
  });
  assert.deepEqual(wrong, []);
});

test("every folder of lib has its place in the order", () => {
  const layers = new Set(imports.map(({ file }) => layerOf(file)));
  assert.deepEqual([...layers].filter((layer) => levelOf(layer) < 0).sort(), []);
});

test("each third party comes in through one door", () => {
  const wrong = imports.filter(({ file, target }) => {
    if (target.startsWith(".") || target.startsWith("node:")) return false;
    const door = Object.entries(doors).find(([name]) => target === name || target.startsWith(`${name}/`))?.[1];
    return door === undefined || !(file === door || file.startsWith(`${door}/`));
  });
  assert.deepEqual(wrong, []);
});

test("no module of lib imports itself in a circle", () => {
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (finished.has(file) || path.includes(file)) return;
    for (const { target } of local.filter((edge) => edge.file === file)) visit(resolved(file, target), [...path, file]);
    finished.add(file);
  };
  for (const { file } of local) visit(file, []);
  assert.deepEqual(circles, []);
});

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

/** Static imports and re-exports, `import()` and `require()`. */
function importsOf(path: string): Import[] {
  const file = relative(lib, path);
  const found: Import[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isCallExpression(node) && /^(import|require|require\.resolve)$/.test(node.expression.getText())) {
      add(node.arguments[0]);
    }
    ts.forEachChild(node, walk);
  };
  const add = (target: ts.Expression | undefined): void => {
    if (target && ts.isStringLiteral(target)) found.push({ file, target: target.text });
  };
  walk(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true));
  return found;
}

/** The file in lib that a relative import means. */
function resolved(file: string, to: string): string {
  const path = join(dirname(file), to);
  return path.endsWith(".ts") ? path : `${path}.ts`;
}

function levelOf(folder: string): number {
  return LEVELS.findIndex((level) => level.includes(folder));
}

function layerOf(file: string): string {
  return file === "index.ts" ? "index" : (file.split("/")[0] ?? "");
}
