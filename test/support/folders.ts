/** Folders for the files of a test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

/** @returns a new folder, removed when the test file is done */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ethics-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, by their paths inside the folder; objects become JSON. @returns the folder */
export function writeFiles(folder: string, files: Record<string, string | object>): string {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}
