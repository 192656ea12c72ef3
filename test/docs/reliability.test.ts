import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(__dirname, "../..");

/** Fewest rows of the table's parts. */
const FEWEST = { Downloads: 25, Disk: 8, Checkpoints: 8, Kills: 8, Numbers: 6 };

/** The rows of the fault table, by the first word of their heading. */
function faultRows(): { part: string; file: string; title: string }[] {
  const sections = readFileSync(join(ROOT, "docs/reliability.md"), "utf8").split("\n## ").slice(1);
  return sections.flatMap((section) => {
    const [part = ""] = section.split(/[ ,\n]/, 1);
    return [...section.matchAll(/\| `([^`|]+\.ts)`: (.+) \|$/gm)].map(([, file = "", title = ""]) => ({
      part,
      file,
      title,
    }));
  });
}

test("each fault of the table names a test that is there", () => {
  const missing = faultRows().filter(({ file, title }) => {
    const place = join(ROOT, file);
    const text = existsSync(place) ? readFileSync(place, "utf8") : "";
    return !title.split("…").every((piece) => text.includes(piece.trim()));
  });
  assert.deepEqual(missing, []);
});

test("the table has enough faults of each kind, and each row names its test", () => {
  const rows = faultRows();
  const lines = readFileSync(join(ROOT, "docs/reliability.md"), "utf8").split("\n");
  const tableLines = lines.filter((line) => line.startsWith("| ") && !line.startsWith("| fault |"));
  assert.equal(rows.length, tableLines.length);
  for (const [part, fewest] of Object.entries(FEWEST)) {
    const count = rows.filter((row) => row.part === part).length;
    assert.ok(count >= fewest, `${part}: expected ${fewest} rows, got ${count}`);
  }
  assert.ok(rows.length >= 60, `${rows.length} rows`);
});
