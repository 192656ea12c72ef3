/** The package's folder: what a user of the library needs, and no more. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../setup/child.mjs";
import { inProject, paths } from "../setup/project.mjs";
import { SetupError } from "../setup/setup-error.mjs";
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
  cpSync(inProject(README), join(stage, "README.md"));
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  stageTensorFlow(join(stage, "node_modules", "@tensorflow", "tfjs-node"));
  const [packed] = JSON.parse(await capture("packing", "npm", ["pack", stage, "--json", "--pack-destination", out]));
  return join(out, packed.filename);
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
