/** Folders for the files of a test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const folders: string[] = [];
// A hook of the test runner would not do: one that is set in beforeEach runs before the test, or never.
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** @returns a new folder, removed when the process of the test file ends */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ethics-test-"));
  folders.push(folder);
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
