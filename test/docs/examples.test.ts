import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import * as library from "../../lib/index";
import { temporaryFolder, writeFiles } from "../support/folders";

const root = join(__dirname, "..", "..");

/** The blocks of code of the README, the documentation's introduction and the doc comments, by where they stand. */
function examples(): Record<string, string> {
  const sources = readdirSync(join(root, "lib"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const files = ["README.md", "docs/library.md", ...sources.map((name) => join("lib", name))];
  const found = files.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8").replace(/^ *\* ?/gm, file.endsWith(".ts") ? "" : "$&");
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ""]): [string, string] => [file, code]);
  });
  return Object.fromEntries(found);
}

test("every example of the README and of the documentation runs as it is printed", () => {
  const folder = temporaryFolder();
  const codes = examples();
  assert.equal(Object.keys(codes).length, 13);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "ethics-for-robots"));
  symlinkSync(join(root, "data"), join(folder, "data"));
  const names = Object.entries(codes).map(([file, code]) => {
    const name = `${file.replaceAll("/", "-")}.mjs`;
    writeFiles(folder, { [name]: code });
    return name;
  });
  const all = names.map(
    (name) =>
      `console.log(${JSON.stringify(name)}); await import(${JSON.stringify(pathToFileURL(join(folder, name)).href)});`,
  );
  writeFiles(folder, { "all.mjs": all.join("\n") });
  const shown = execFileSync(process.execPath, ["all.mjs"], { cwd: folder, encoding: "utf8", timeout: 120_000 });
  assert.match(shown, /trainable params: [\d,]+ \|\| all params/);
  for (const name of names) assert.ok(shown.includes(name), name);
});

test("every name that the library exports stands in a group of the documentation", async () => {
  const { headings } = await import("../../scripts/checks/docs-groups.mjs");
  const titles = headings();
  assert.deepEqual(
    Object.keys(library).filter((name) => !titles.has(name)),
    [],
  );
  assert.equal(titles.get("Trainer"), "Training");
});
