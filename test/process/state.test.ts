import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isPackage, stateFolder } from "../../lib/process/state";
import { temporaryFolder, writeFiles } from "../support/folders";

const root = join(__dirname, "..", "..");

test("the project's own folder keeps what set-up makes, whatever the environment says", () => {
  assert.equal(isPackage, false);
  assert.equal(stateFolder({ ETHICS_HOME: "/elsewhere" }), join(root, ".setup"));
});

test("a package keeps it in the user's cache, by version and machine", () => {
  const folder = temporaryFolder();
  writeFiles(folder, { "package.json": { version: "7.8.9" } });
  cpSync(join(root, "lib/process/state.js"), join(folder, "dist/process/state.js"));
  const own = require(join(folder, "dist/process/state.js")) as { isPackage: boolean; stateFolder: typeof stateFolder };
  assert.equal(own.isPackage, true);
  const name = `7.8.9-${process.platform}-${process.arch}`;
  assert.equal(own.stateFolder({ ETHICS_HOME: "/a", XDG_CACHE_HOME: "/b" }), join("/a", name));
  assert.equal(own.stateFolder({ XDG_CACHE_HOME: "/b" }), join("/b/ethics-for-robots", name));
  assert.equal(own.stateFolder({}), join(homedir(), ".cache/ethics-for-robots", name));
  assert.equal(own.stateFolder({ ETHICS_HOME: "a" }), join(process.cwd(), "a", name));
});
