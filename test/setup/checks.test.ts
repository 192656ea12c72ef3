import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMachine, checkNode, checkPython } from "../../scripts/setup/checks.mjs";
import { SetupError } from "../../scripts/setup/setup-error.mjs";

const messageOf = (check: () => unknown): string => {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof SetupError);
    return error.message;
  }
  return "";
};

test("Node 20.19 and everything newer is taken", () => {
  for (const version of ["20.19.0", "20.20.2", "22.1.0", "24.0.0", "26.10.0"]) checkNode(version);
});

test("an older Node is refused with the bound and where to get another", () => {
  assert.match(
    messageOf(() => checkNode("20.18.3")),
    /`node`: expected 20\.19 or newer, got 20\.18\.3\. Install .*nodejs\.org/,
  );
  assert.match(
    messageOf(() => checkNode("18.20.0")),
    /got 18\.20\.0/,
  );
});

test("without any Python the error names the packages to install", () => {
  assert.match(
    messageOf(() => checkPython([])),
    /`python3`: .*3\.10 or newer.* got none\. .*apt-get install python3 python3-venv/,
  );
});

test("a Python that is too old is named as what was found", () => {
  const old = [{ command: "python3", version: "3.8.18", venv: true }];
  assert.match(
    messageOf(() => checkPython(old)),
    /got 3\.8\.18\. .*apt-get install python3/,
  );
});

test("a Python without venv is told apart from no Python", () => {
  const bare = [{ command: "python3", version: "3.12.1", venv: false }];
  assert.match(
    messageOf(() => checkPython(bare)),
    /venv and ensurepip, got 3\.12\.1 without\. .*apt-get install python3-venv/,
  );
});

test("the first Python that fits is used, past old and bare ones", () => {
  const found = [
    { command: "python3", version: "3.8.18", venv: true },
    { command: "python", version: "3.13.0", venv: false },
    { command: "python3.11", version: "3.11.7", venv: true },
  ];
  assert.equal(checkPython(found).command, "python3.11");
});

test("machines without TensorFlow wheels are refused with the ones that have them", () => {
  assert.match(
    messageOf(() => checkMachine({ platform: "win32", arch: "x64" })),
    /got win32-x64\. .*WSL 2/,
  );
  assert.match(
    messageOf(() => checkMachine({ platform: "darwin", arch: "x64" })),
    /linux-x64, linux-arm64, darwin-arm64/,
  );
  assert.match(
    messageOf(() => checkMachine({ platform: "linux", arch: "x64" })),
    /`glibc`: .*got none \(musl\)/,
  );
  assert.match(
    messageOf(() => checkMachine({ platform: "linux", arch: "x64", glibc: "2.17" })),
    /2\.27 or newer, got 2\.17/,
  );
});

test("current Linux and Apple silicon are taken", () => {
  checkMachine({ platform: "linux", arch: "x64", glibc: "2.36" });
  checkMachine({ platform: "linux", arch: "arm64", glibc: "2.27" });
  checkMachine({ platform: "darwin", arch: "arm64" });
});
