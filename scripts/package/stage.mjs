/** The package's folder: what a user of the library needs, and no more. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { capture } from "../setup/child.mjs";
import { inProject, paths, root } from "../setup/project.mjs";
import { SetupError } from "../setup/setup-error.mjs";
import { filesUnder } from "../setup/stamps.mjs";
import { manifest } from "./manifest.mjs";

/** What is packed as it stands in the project. */
const COPIED = [
  "dist",
  "data/demo",
  "lib/tensor/native",
  "lib/parallel/native",
  "lib/process/alive.js",
  "lib/process/state.js",
  "LICENSE",
];
const COMMANDS = ["scripts/setup", "scripts/setup.mjs", "scripts/doctor", "scripts/package/main.mjs"];
/** What is compiled for it: the commands without a notebook. */
const COMPILED = ["cli", "commands", "export", "page"].map((name) => `scripts/${name}`);
const COMPILED_FILES = ["scripts/notebook/folder.ts", "scripts/notebook/result.ts"];
const README = "docs/library.md";

/** Where tfjs-node-gpu looks for its addon. */
const FIND_ADDON = /var binary = [\s\S]*?(?=\/\/ tslint:disable-next-line:no-require-imports\nvar bindings)/;
const OUR_ADDON = `var bindingPath = path.join(require("../../../../dist/process/state").stateFolder(), "addon", "tfjs_binding.node");
if (!require("fs").existsSync(bindingPath)) throw new Error("\`" + bindingPath + "\`: expected TensorFlow's addon, got nothing. Run \`npx ethics-for-robots setup\`.");
`;

/** Makes the tarball anew. @returns {Promise<string>} its path */
export async function packageTarball() {
  const out = join(paths.state, "package");
  const stage = join(out, "stage");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const name of [...COPIED, ...COMMANDS]) cpSync(inProject(name), join(stage, name), { recursive: true });
  rmSync(join(stage, "dist", ".made-from.json"), { force: true });
  compileCommands(stage);
  cpSync(inProject(README), join(stage, "README.md"));
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  stageTensorFlow(join(stage, "node_modules", "@tensorflow", "tfjs-node"));
  const [packed] = JSON.parse(await capture("packing", "npm", ["pack", stage, "--json", "--pack-destination", out]));
  return join(out, packed.filename);
}

/**
 * The commands as JavaScript that finds the library in `dist`; a page's template, and its forward pass as a module.
 * @param {string} stage
 */
function compileCommands(stage) {
  const files = [
    ...COMPILED.flatMap((folder) => filesUnder(inProject(folder))),
    ...COMPILED_FILES.map((f) => inProject(f)),
  ];
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const place = join(stage, relative(root, file)).replace(/ts$/, "js");
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, compiled(file, ts.ModuleKind.CommonJS).replaceAll('"../../lib/', '"../../dist/'));
  }
  cpSync(inProject("scripts/page/page.html"), join(stage, "scripts/page/page.html"));
  writeFileSync(
    join(stage, "scripts/page/forward.mjs"),
    compiled(inProject("scripts/page/forward.ts"), ts.ModuleKind.ESNext),
  );
}

/**
 * @param {string} file
 * @param {ts.ModuleKind} module
 */
function compiled(file, module) {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module, esModuleInterop: true };
  return ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions }).outputText;
}

/**
 * tfjs-node-gpu's JavaScript and the sources of its addon, as a package that has no install script: its own one downloads
 * from another host than npm's.
 * @param {string} folder
 */
function stageTensorFlow(folder) {
  const isWanted = (/** @type {string} */ file) => !/_test\.|run_tests|\.map$/.test(file);
  for (const name of ["dist", "binding"]) {
    cpSync(join(paths.tfjs, name), join(folder, name), { recursive: true, filter: isWanted });
  }
  const index = join(folder, "dist", "index.js");
  const text = readFileSync(index, "utf8");
  if (!FIND_ADDON.test(text)) throw new SetupError(`\`${index}\`: expected the search for its addon, got none.`);
  writeFileSync(
    index,
    text.replace(FIND_ADDON, () => OUR_ADDON),
  );
  // TypeScript's is the same Apache licence 2.0, which tfjs-node-gpu names in its files and does not carry.
  cpSync(join(paths.nodeModules, "typescript", "LICENSE.txt"), join(folder, "LICENSE"));
  const vendored = inProject("vendor", "tfjs-node");
  const entry = readFileSync(join(vendored, "index.js"), "utf8").replace("@tensorflow/tfjs-node-gpu", "./dist/index");
  writeFileSync(join(folder, "index.js"), entry);
  writeFileSync(join(folder, "index.d.ts"), 'export * from "@tensorflow/tfjs-core";\n');
  const { name, version } = JSON.parse(readFileSync(join(vendored, "package.json"), "utf8"));
  const own = { name, version, license: "Apache-2.0", main: "index.js", types: "index.d.ts" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(own, null, 2));
}
