import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import project from "../../package.json";
import { temporaryFolder, writeFiles } from "../support/folders";

const root = join(__dirname, "..", "..");
const folder = temporaryFolder();

const EXAMPLE = `
const demo = "node_modules/ethics-for-robots/data/demo";
async function main() {
  const tokenizer = await AutoTokenizer.fromPretrained(demo + "/model");
  const base = await AutoModelForSequenceClassification.fromPretrained(demo + "/model");
  const model = getPeftModel(base, new LoraConfig({ r: 4 }));
  const ethics = (await loadDataset(demo + "/ethics")).map((split) => tokenizeDataset(split.map(swapLabels), tokenizer));
  const args = { outputDir: "checkpoints", maxSteps: 4, evalStrategy: "no" };
  await new Trainer({ model, args, trainDataset: ethics.train }).train();
  model.savePretrained(out);
}
`;
const NAMES =
  "AutoModelForSequenceClassification, AutoTokenizer, getPeftModel, LoraConfig, loadDataset, swapLabels, tokenizeDataset, Trainer";

function run(command: string, args: string[]): string {
  const env = {
    ...process.env,
    HF_HUB_OFFLINE: "1",
    ETHICS_HOME: join(folder, "home"),
    // The addon that was made here looks for TensorFlow from another place.
    LD_LIBRARY_PATH: join(root, ".setup", "tensorflow", "tensorflow"),
  };
  return execFileSync(command, args, { cwd: folder, encoding: "utf8", env, timeout: 90_000 });
}

/** What set-up makes for a package is what it made here, in another place: compiling it again takes minutes. */
function linkSetUp(): void {
  const home = join(folder, "home", `${project.version}-${process.platform}-${process.arch}`);
  if (existsSync(home)) return;
  mkdirSync(home, { recursive: true });
  for (const made of ["tensorflow", "kernels", "addon"]) symlinkSync(join(root, ".setup", made), join(home, made));
}

before(() => {
  const script = "import('./scripts/package/stage.mjs').then((m) => m.packageTarball()).then(console.log)";
  const tarball = execFileSync(process.execPath, ["--eval", script], { cwd: root, encoding: "utf8" }).trim();
  writeFiles(folder, {
    "package.json": "{}",
    "example.mjs": `import { ${NAMES} } from "ethics-for-robots";\nconst out = "esm";${EXAMPLE}await main();\n`,
    "example.cjs": `const { ${NAMES} } = require("ethics-for-robots");\nconst out = "cjs";${EXAMPLE}main();\n`,
    "types.mts": `import { LoraConfig } from "ethics-for-robots";\nexport const r: number = new LoraConfig({ r: 4 }).r;\n`,
    "types.cts": `import lib = require("ethics-for-robots");\nexport const r: number = new lib.LoraConfig({ r: 4 }).r;\n`,
  });
  run("npm", ["install", "--cache", join(folder, "npm"), tarball]);
});

test("an installed package names the command that it needs, and has types in both kinds of module", () => {
  assert.throws(() => run(process.execPath, ["example.cjs"]), /npx ethics-for-robots setup/);
  assert.match(run("npx", ["ethics-for-robots", "--help"]), /doctor/);
  const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "types.mts", "types.cts"];
  run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), ...options]);
});

test("after set-up the commands train and answer, without the packages of tables and pictures", () => {
  linkSetUp();
  assert.ok(!existsSync(join(folder, "node_modules", "danfojs-node")));
  const command = (...args: string[]): string => run("npx", ["ethics-for-robots", ...args]);
  command("train", "--demo", "--train-limit", "8", "--eval-limit", "8", "--out", "run");
  assert.match(
    command("predict", "--run", "run", "--format", "csv", "I helped."),
    /^text,label,score\nI helped\.,\w+,0\.\d+\n$/,
  );
  command("page", "--run", "run");
  assert.ok(existsSync(join(folder, "run", "page.html")));
});

test("after set-up both examples train and save an adapter", () => {
  linkSetUp();
  for (const kind of ["esm", "cjs"]) {
    run(process.execPath, [kind === "esm" ? "example.mjs" : "example.cjs"]);
    assert.ok(existsSync(join(folder, kind, "adapter_model.safetensors")));
  }
});
