import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import ts504 from "@tslab/typescript-for-tslab";
import { LoraConfig } from "../lib/lora/config";
import { RUN_DEFAULTS } from "../lib/runs/parameters";
import { resolveArguments } from "../lib/train/resolve-arguments";

const root = join(__dirname, "..");
const dist = join(root, "dist");
const notebooks = join(root, "notebooks");

// The kernel runs in the notebook's folder, and its TypeScript looks at the current folder once.
process.chdir(notebooks);

interface Cell {
  cell_type: string;
  source: string | string[];
}

/** The kernel's own translator of cells; its package has no types. */
interface Converter {
  convert(previous: string, source: string): { declOutput?: string; diagnostics: { messageText: string }[] };
  close(): void;
}

before(() => {
  assert.ok(
    existsSync(join(dist, "index.d.ts")),
    "`dist`: expected the built library, got none. npm run setup makes it.",
  );
});

test("the library's declarations type-check under the kernel's own TypeScript", () => {
  const program = declarations();
  const errors = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(dist))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, messageText }) => `${file?.fileName}: ${ts504.flattenDiagnosticMessageText(messageText, "\n")}`);
  assert.deepEqual(errors, []);
});

test("no type of TensorFlow or danfo stands in a declaration that the library exports", () => {
  const { checker, names } = exported();
  const found = names.flatMap(({ name, declarations = [] }) =>
    declarations.flatMap((declaration) => foreignNames(declaration, checker)).map((foreign) => `${name}: ${foreign}`),
  );
  assert.deepEqual(found, []);
});

/** Where a default is written that a docstring tells too. */
const DEFAULTS: Record<string, object> = {
  LoraOptions: new LoraConfig(),
  TrainingArguments: resolveArguments({ outputDir: "x" }),
  RunParameters: RUN_DEFAULTS,
};

test("every option that may be left out says its default, and it is the one that counts", () => {
  const { checker, names } = exported();
  let compared = 0;
  const silent: string[] = [];
  for (const symbol of names.filter(({ name }) => /(Options|Arguments|Parameters)$/.test(name))) {
    const { [symbol.name]: defaults } = DEFAULTS;
    for (const property of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
      const where = `${symbol.name}.${property.name}`;
      const words = ts504.displayPartsToString(property.getDocumentationComment(checker));
      if (property.flags & ts504.SymbolFlags.Optional && !/default/.test(words)) silent.push(where);
      const [, told] = /default ("[^"]*"|-?[\d.e-]+\d|\d|true|false|\[.*?\])/.exec(words) ?? [];
      if (!defaults || told === undefined) continue;
      assert.deepEqual(JSON.parse(told), Reflect.get(defaults, property.name), where);
      compared++;
    }
  }
  assert.deepEqual(silent, []);
  assert.ok(compared > 60, `${compared} defaults were compared`);
});

for (const name of readdirSync(notebooks).filter((file) => file.endsWith(".ipynb"))) {
  const { cells } = JSON.parse(readFileSync(join(notebooks, name), "utf8")) as { cells: Cell[] };
  const sources = cells
    .filter(({ cell_type }) => cell_type === "code")
    .map(({ source }) => (Array.isArray(source) ? source.join("") : source));

  test(`every code cell of ${name} type-checks in the kernel, one after the other`, () => {
    const converter = kernelConverter();
    let previous = "";
    try {
      for (const [index, source] of sources.entries()) {
        const { declOutput, diagnostics } = converter.convert(previous, source);
        const messages = diagnostics.map(({ messageText }) => messageText);
        assert.deepEqual(messages, [], `code cell ${index + 1} of ${name}:\n${source}`);
        previous = declOutput ?? "";
      }
    } finally {
      converter.close();
    }
  });

  test(`${name} imports the library's door and nothing else of the project`, () => {
    const targets = sources.join("\n").matchAll(/(?:from\s+|import\s*\(?\s*|require\(\s*)["']([^"']+)["']/g);
    const local = [...targets].map(([, target = ""]) => target).filter((target) => target.startsWith("."));
    assert.deepEqual([...new Set(local)], ["../dist"]);
  });
}

/** The public declarations, as the kernel reads them, but checked too. */
function declarations(): ts504.Program {
  return ts504.createProgram([join(dist, "index.d.ts")], {
    module: ts504.ModuleKind.ESNext,
    moduleResolution: ts504.ModuleResolutionKind.Node10,
    target: ts504.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    esModuleInterop: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    skipLibCheck: false,
    noEmit: true,
  });
}

/** What the door exports: the very symbols, under their own names. */
function exported(): { checker: ts504.TypeChecker; names: ts504.Symbol[] } {
  const program = declarations();
  const checker = program.getTypeChecker();
  const door = program.getSourceFile(join(dist, "index.d.ts"));
  const symbol = door && checker.getSymbolAtLocation(door);
  assert.ok(symbol);
  const { Alias } = ts504.SymbolFlags;
  const names = checker
    .getExportsOfModule(symbol)
    .map((name) => (name.flags & Alias ? checker.getAliasedSymbol(name) : name));
  return { checker, names };
}

/** The names in a declaration that mean something of tfjs, of danfo, or of the module that passes tfjs on. */
function foreignNames(node: ts504.Node, checker: ts504.TypeChecker): string[] {
  const foreign = /node_modules\/(@tensorflow|danfojs)|dist\/tensor\/tensorflow\.d\.ts$/;
  const names: string[] = [];
  const walk = (part: ts504.Node): void => {
    if (ts504.isIdentifier(part)) {
      const found = checker.getSymbolAtLocation(part);
      const meant = found && found.flags & ts504.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
      if (meant?.declarations?.some((declaration) => foreign.test(declaration.getSourceFile().fileName))) {
        names.push(part.text);
      }
    }
    ts504.forEachChild(part, walk);
  };
  walk(node);
  return names;
}

function kernelConverter(): Converter {
  const { createConverter } = require("tslab/dist/converter.js") as { createConverter: () => Converter };
  return createConverter();
}
