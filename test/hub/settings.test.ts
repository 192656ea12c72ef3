import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { printDownloads } from "../../lib/hub/progress";
import { hubSettings } from "../../lib/hub/settings";
import { temporaryFolder, writeFiles } from "../support/folders";

test("without variables the hub is huggingface.co and the cache lies in the home folder", () => {
  const { token: _, ...settings } = hubSettings({});
  assert.deepEqual(settings, {
    endpoint: "https://huggingface.co",
    cache: join(homedir(), ".cache", "huggingface", "hub"),
    offline: false,
    patience: 10_000,
    retryFor: 60_000,
    proxies: { http: undefined, https: undefined, no: "" },
  });
});

test("proxies are read as curl reads them; an address that is none is refused", () => {
  const { proxies } = hubSettings({
    HTTPS_PROXY: "http://a:1",
    https_proxy: "b:2",
    ALL_PROXY: "http://c:3",
    NO_PROXY: "d",
  });
  assert.deepEqual(proxies, { http: "http://c:3", https: "http://b:2", no: "d" });
  assert.throws(
    () => hubSettings({ HTTP_PROXY: "socks5://me:secret@a:1" }),
    /^Error: `HTTP_PROXY`: expected the http:\/\/ or https:\/\/ address of a proxy, got socks5:\/\/a:1\.$/,
  );
});

test("Python's variables say where the cache lies, the more exact one first", () => {
  const cacheOf = (environment: Record<string, string>): string => hubSettings(environment).cache;
  assert.equal(cacheOf({ XDG_CACHE_HOME: "/x" }), join("/x", "huggingface", "hub"));
  assert.equal(cacheOf({ XDG_CACHE_HOME: "/x", HF_HOME: "/h" }), join("/h", "hub"));
  assert.equal(cacheOf({ HF_HOME: "/h", HF_HUB_CACHE: "/c" }), "/c");
  assert.equal(cacheOf({ HF_HOME: "/h", HF_HUB_CACHE: "" }), join("/h", "hub"));
  assert.equal(cacheOf({ HF_HOME: "~/h" }), join(homedir(), "h", "hub"));
});

test("the token comes from HF_TOKEN, else from the file that Python's login writes", () => {
  const home = writeFiles(temporaryFolder(), { token: "hf_login\n", elsewhere: " hf_elsewhere ", empty: "\n" });
  const tokenOf = (environment: Record<string, string>): string | undefined =>
    hubSettings({ HF_HOME: home, ...environment }).token;
  assert.equal(tokenOf({}), "hf_login");
  assert.equal(tokenOf({ HF_TOKEN_PATH: join(home, "elsewhere") }), "hf_elsewhere");
  assert.equal(tokenOf({ HF_TOKEN: "hf_here\n" }), "hf_here");
  assert.equal(tokenOf({ HF_TOKEN_PATH: join(home, "empty") }), undefined);
  assert.equal(tokenOf({ HF_TOKEN_PATH: join(home, "none") }), undefined);
  assert.equal(tokenOf({ HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }), undefined);
});

test("the hub's address and whether it may be asked are set as for Python", () => {
  assert.equal(hubSettings({ HF_ENDPOINT: "https://mirror.example/" }).endpoint, "https://mirror.example");
  for (const yes of ["1", "true", "YES", "on"]) assert.equal(hubSettings({ HF_HUB_OFFLINE: yes }).offline, true);
  for (const no of ["", "0", "false"]) assert.equal(hubSettings({ HF_HUB_OFFLINE: no }).offline, false);
});

test("a large download prints a line when it begins and one at each quarter; small ones print nothing", () => {
  const lines: string[] = [];
  const onProgress = printDownloads((line) => lines.push(line));
  for (let done = 1e6; done <= 1e8; done += 1e6) {
    onProgress({ repository: "org/name", file: "model.safetensors", done, total: 1e8 });
  }
  onProgress({ repository: "org/name", file: "config.json", done: 900, total: 900 });
  assert.deepEqual(lines, [
    "org/name: model.safetensors: downloading 100 MB",
    "org/name: model.safetensors: 25 % of 100 MB",
    "org/name: model.safetensors: 50 % of 100 MB",
    "org/name: model.safetensors: 75 % of 100 MB",
    "org/name: model.safetensors: 100 % of 100 MB",
  ]);
});
