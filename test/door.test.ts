import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import ts504 from "@tslab/typescript-for-tslab";

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
  const program = declarations();
  const checker = program.getTypeChecker();
  const door = program.getSourceFile(join(dist, "index.d.ts"));
  const symbol = door && checker.getSymbolAtLocation(door);
  assert.ok(symbol);
  const found = checker.getExportsOfModule(symbol).flatMap((exported) => {
    const meant = exported.flags & ts504.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const names = (meant.declarations ?? []).flatMap((declaration) => foreignNames(declaration, checker));
    return names.map((name) => `${exported.name}: ${name}`);
  });
  assert.deepEqual(found, []);
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
