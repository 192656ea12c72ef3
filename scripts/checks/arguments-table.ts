/** Makes docs/training-arguments.md: `node --import tsx scripts/checks/arguments-table.ts`. */
import { readFileSync } from "node:fs";
import { writeFileAtomic } from "../../lib/files/atomic";
import { camelCase } from "../../lib/files/json";
import { OTHER_ARGUMENTS } from "../../lib/train/other-arguments";
import { resolveArguments } from "../../lib/train/resolve-arguments";
import { inProject } from "../setup/project.mjs";

export const TABLE_FILE = inProject("docs", "training-arguments.md");
const NAMES_FILE = inProject("test", "fixtures", "trainer", "arguments.json");

/** @param names what transformers' TrainingArguments has */
export function argumentsTable(names: readonly string[]): string {
  const defaults: Record<string, unknown> = { ...resolveArguments({ outputDir: "folder" }) };
  const rows = names.map((name) => {
    const ours = camelCase(name);
    if (!(ours in defaults)) return `| \`${name}\` | – | refused: ${OTHER_ARGUMENTS[name]?.trim()} |`;
    return `| \`${name}\` | \`${ours}\` | works; default \`${JSON.stringify(defaults[ours])}\` |`;
  });
  const also = Object.keys(defaults)
    .filter((name) => !names.some((other) => camelCase(other) === name))
    .map((name) => `| – | \`${name}\` | only here; default \`${JSON.stringify(defaults[name])}\` |`);
  return `# TrainingArguments, Python's and ours

Each field of transformers' \`TrainingArguments\`: whether it works here, or is refused by name and why. What it does is in the
documentation of \`TrainingArguments\`. Defaults are transformers' own. \`node --import tsx scripts/checks/arguments-table.ts\`
makes this table from the lists that the library and its tests read.

| Python | here | |
|---|---|---|
${[...rows, ...also].join("\n")}
`;
}

if (require.main === module) {
  const { names } = JSON.parse(readFileSync(NAMES_FILE, "utf8")) as { names: string[] };
  writeFileAtomic(TABLE_FILE, argumentsTable(names));
}
