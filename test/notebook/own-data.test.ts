import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readNotebook } from "../../scripts/notebook/notebook";
import { temporaryFolder } from "../support/folders";

const root = join(__dirname, "../..");

test("README's commands for your own data run as they are printed, and what comes of it speaks of your labels", () => {
  const section = /## Your own data\n[\s\S]*?```\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"));
  const commands = section?.[1] ?? "";
  assert.match(commands, /^printf .*> soup\.csv\nnpm start -- .*--dataset soup\.csv .*--out runs\/soup\n$/);
  // Typed elsewhere, so that nothing is left in the project.
  const elsewhere = commands.replace("npm start", `npm --prefix "${root}" start`);
  const cwd = temporaryFolder();
  const shown = execFileSync("bash", ["-ec", elsewhere], { cwd, encoding: "utf8", timeout: 170_000 });
  assert.match(shown, /\nvalidation \(2 rows\) /);
  const out = join(cwd, "runs", "soup");
  const { evalSplit, config } = JSON.parse(readFileSync(join(out, "metrics.json"), "utf8"));
  assert.deepEqual([evalSplit, config], ["validation", "default"]);
  const card = readFileSync(join(out, "adapter", "README.md"), "utf8");
  assert.match(card, /The labels: 0 bad, 1 good\./);
  const { cells } = readNotebook(join(out, "ethics.ipynb"));
  const told = JSON.stringify(cells.map(({ outputs }) => outputs));
  assert.match(told, /labels: 0 bad, 1 good/);
  assert.doesNotMatch(`${card}${told}`, /acceptable|morals|commonsense/);
});
