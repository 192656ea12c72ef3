import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { afterEach, test } from "node:test";
import { absolutePath, callerFolder, shownPath, withAbsolutePaths } from "../../scripts/cli/paths";

const ROOT = resolve(__dirname, "../..");
const { npm_lifecycle_event, INIT_CWD } = process.env;
afterEach(() => {
  for (const [name, value] of Object.entries({ npm_lifecycle_event, INIT_CWD })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function typedIn(folder: string, command: string): void {
  Object.assign(process.env, { npm_lifecycle_event: command, INIT_CWD: folder });
}

test("paths are relative to where the command was typed, and ids stay ids", () => {
  assert.equal(absolutePath("./x", "/a/b"), "/a/b/x");
  assert.equal(absolutePath("../x", "/a/b"), "/a/x");
  assert.equal(absolutePath("hendrycks/ethics", "/a/b"), "hendrycks/ethics");
  assert.equal(absolutePath("lib", ROOT), join(ROOT, "lib"));
  for (const command of ["start", "sweep"]) {
    typedIn("/a/b", command);
    assert.deepEqual(withAbsolutePaths({ model: "./x", rank: 8 }), { model: "/a/b/x", rank: 8 });
  }
  typedIn("/a/b", "test");
  assert.equal(callerFolder(), process.cwd());
});

test("paths are shown relative to where the command was typed, unless they are outside", () => {
  typedIn("/a/b", "start");
  assert.equal(shownPath("/a/b/runs/x"), "runs/x");
  assert.equal(shownPath("/a/runs/x"), "/a/runs/x");
});
