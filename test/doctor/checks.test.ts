import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hubSettings } from "../../lib/hub/settings";
import { cacheFolder, compilerFinding } from "../../scripts/doctor/checks.mjs";

test("without a C++ compiler the doctor names the command that installs one, and says that set-up works without", () => {
  const { problem, remedy } = compilerFinding([], "linux");
  assert.match(problem ?? "", /^(none; set-up downloads zig|`CXX=).*apt-get install g\+\+/);
  assert.equal(remedy, undefined);
  assert.match(compilerFinding([], "darwin").problem ?? "", /xcode-select --install/);
  assert.deepEqual(compilerFinding(["g++", "c++"]), { name: "C++ compiler", found: "g++, c++" });
});

test("the doctor names the cache that the library uses", () => {
  const [HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME] = ["/hub", "~/old", "~/home", "/xdg"];
  const environments: Record<string, string>[] = [
    ...[{}, { XDG_CACHE_HOME }, { HF_HOME, XDG_CACHE_HOME }, { HUGGINGFACE_HUB_CACHE, HF_HOME }],
    ...[{ HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE }, { HF_HUB_CACHE: "~" }, { HF_HUB_CACHE: "", HF_HOME: "~name/x" }],
  ];
  for (const environment of environments) {
    assert.equal(cacheFolder(environment), hubSettings(environment).cache, JSON.stringify(environment));
  }
  assert.equal(cacheFolder({ HUGGINGFACE_HUB_CACHE }), join(homedir(), "old"));
});
