import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pushToHub } from "../../lib/hub/push";
import { main } from "../../scripts/export/push";
import { temporaryFolder, writeFiles } from "../support/folders";
import { ownHubEnvironment, serve } from "../support/hub-environment";

ownHubEnvironment();

const PUSHED: Record<string, string> = {
  "README.md": "# Card\n",
  "adapter_config.json": '{"r": 2}',
  "adapter_model.safetensors": "weights",
  "onnx/model.onnx": "graph",
};

/** A run's folder, with files that are not pushed beside those that are. */
function run(): string {
  const folder = writeFiles(temporaryFolder(), {
    "metrics.json": {},
    "log.jsonl": "",
    "checkpoints/checkpoint-1/adapter_model.safetensors": "old",
    "adapter/secret.env": "HF_TOKEN=hf_x",
    "adapter/optimizer.pt": "pickle",
  });
  for (const [path, content] of Object.entries(PUSHED)) {
    writeFiles(folder, { [path.startsWith("onnx/") ? path : `adapter/${path}`]: content });
  }
  return folder;
}

test("a run's adapter, card and ONNX files are pushed in one commit, to a repository that is made", async () => {
  const hub = await serve();
  process.env.HF_TOKEN = "hf_write";
  const folder = run();
  const result = await pushToHub(folder, "me/judge", { commitMessage: "First" });
  const sizes = Object.entries(PUSHED).map(([path, content]) => ({ path, bytes: content.length }));
  assert.deepEqual(result, { url: `${hub.endpoint}/me/judge`, files: sizes, commit: "1".repeat(40) });
  const [upload] = hub.uploads;
  assert.deepEqual([upload?.repository, upload?.branch, upload?.title], ["me/judge", "main", "First"]);
  const texts = Object.entries(upload?.files ?? {}).map(([path, content]) => [path, String(content)]);
  assert.deepEqual(Object.fromEntries(texts), PUSHED);
  const tokens = hub.requests.filter(({ host }) => host === "content").map(({ authorization }) => authorization);
  assert.deepEqual(new Set(tokens), new Set([undefined]), "the token goes to the hub alone");
  await pushToHub(folder, "me/judge");
  assert.equal(hub.uploads.length, 2, "a repository that is there takes another commit");
});

test("a dry run says what would be pushed, and asks nobody", async () => {
  const hub = await serve();
  const { files, commit } = await pushToHub(run(), "me/judge", { dryRun: true });
  assert.deepEqual([files.map(({ path }) => path), commit], [Object.keys(PUSHED), undefined]);
  assert.deepEqual(hub.requests, []);
});

test("without a token, or with one that may not write, nothing is pushed and the error says what to do", async () => {
  const hub = await serve();
  await assert.rejects(pushToHub(run(), "me/judge"), { reason: "access", message: /got none\. Set HF_TOKEN\.$/ });
  await assert.rejects(pushToHub(run(), "me/judge", { token: "hf_read" }), {
    reason: "access",
    message: /expected a token that may write there, got HTTP 403\. Set HF_TOKEN to a token with write access/,
  });
  assert.deepEqual(hub.uploads, []);
});

test("a folder with nothing to push, or with links alone, and an id of another form are refused", async () => {
  const folder = writeFiles(temporaryFolder(), { "notes.txt": "mine" });
  symlinkSync("/etc/passwd", join(folder, "model.safetensors"));
  await assert.rejects(pushToHub(folder, "me/judge"), /^RangeError: `folder`: expected a folder with an adapter/);
  for (const id of ["judge", "me/../x", "a/b/c", ""]) {
    await assert.rejects(pushToHub(run(), id), /^RangeError: `id`: expected the hub's user\/name/);
  }
});

test("npm run push uploads only with --yes", async (t) => {
  const hub = await serve();
  process.env.HF_TOKEN = "hf_write";
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => void lines.push(line));
  const args = ["--run", run(), "--to", "me/judge"];
  assert.equal(await main(args), 0);
  assert.equal(lines.at(-1), `Would go to ${hub.endpoint}/me/judge. Add --yes to upload.`);
  assert.deepEqual(hub.requests, []);
  assert.equal(await main([...args, "--yes"]), 0);
  assert.equal(hub.uploads.length, 1);
});
