import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { HubClient } from "../../lib/hub/client";
import { type Download, downloadBlob } from "../../lib/hub/download";
import { hubSettings } from "../../lib/hub/settings";
import { COMMIT, ownHubEnvironment } from "../support/hub-environment";
import { type Failure, gitHash, type Hub, sha256, startHub } from "../support/hub-server";
import { LINUX, zombie } from "../support/zombie";

const environment = ownHubEnvironment();
const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));

/** A hub with one large and one plain file of the same content, and the download of one of them. */
async function setUp(name: "large.bin" | "plain.txt" = "large.bin"): Promise<{ hub: Hub; download: Download }> {
  const files = { "large.bin": CONTENT, "plain.txt": CONTENT };
  const hub = await startHub({ kind: "model", id: "org/name", commit: COMMIT, files });
  process.env.HF_ENDPOINT = hub.endpoint;
  const settings = hubSettings();
  const client = new HubClient({ kind: "model", id: "org/name" }, settings);
  const hash = name === "large.bin" ? sha256(CONTENT) : gitHash(CONTENT);
  const file = { size: CONTENT.length, hash };
  const blob = join(environment.cache, "blobs", hash);
  return {
    hub,
    download: {
      address: client.addressOf(COMMIT, name),
      file,
      name: `org/name/${name}`,
      blob,
      lock: join(environment.cache, "locks", `${hash}.lock`),
      ask: client.ask,
      patience: settings.patience,
      retryFor: settings.retryFor,
    },
  };
}

function ranges(hub: Hub): (string | undefined)[] {
  return hub.requests.filter(({ path }) => !path.includes("large.bin")).map(({ range }) => range);
}

/** Puts an unfinished file where a process has left it. */
function leavePart({ blob }: Download, pid: number, content: Buffer): string {
  const part = `${blob}.${pid}-0123abcd.incomplete`;
  mkdirSync(dirname(blob), { recursive: true });
  writeFileSync(part, content);
  return part;
}

/** A connection that brings the bytes from `start` to `end`, and breaks when they are on the disk. */
function breakAt({ blob }: Download, start: number, end: number): Failure {
  return { after: end - start, until: () => partsOf(blob).some((part) => statSync(part).size === end) };
}

function partsOf(blob: string): string[] {
  const names = existsSync(dirname(blob)) ? readdirSync(dirname(blob)) : [];
  return names.filter((name) => name.endsWith(".incomplete")).map((name) => join(dirname(blob), name));
}

/** The id of a process that is gone. */
function goneProcess(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

for (const name of ["large.bin", "plain.txt"] as const) {
  test(`${name} is downloaded whole, with its bytes reported`, async () => {
    const { download } = await setUp(name);
    const counts: number[] = [];
    await downloadBlob({ ...download, onBytes: (done) => counts.push(done) });
    assert.deepEqual(readFileSync(download.blob), CONTENT);
    assert.equal(counts.at(-1), CONTENT.length);
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => a - b),
    );
    assert.equal(readdirSync(dirname(download.blob)).length, 1);
  });
}

test("an empty file is downloaded too", async () => {
  const { download, hub } = await setUp();
  const [repository] = hub.repositories;
  if (repository) repository.files["empty.txt"] = Buffer.alloc(0);
  const file = { size: 0, hash: gitHash(Buffer.alloc(0)) };
  const address = download.address.replace("large.bin", "empty.txt");
  await downloadBlob({ ...download, address, file });
  assert.equal(readFileSync(download.blob).length, 0);
});

test("a download that breaks off goes on where it stopped", async () => {
  const { hub, download } = await setUp();
  hub.failures.push(breakAt(download, 0, 100_000), breakAt(download, 100_000, 150_000));
  await downloadBlob(download);
  assert.deepEqual(readFileSync(download.blob), CONTENT);
  assert.deepEqual(ranges(hub), [undefined, "bytes=100000-", "bytes=150000-"]);
});

test("a download that another process left unfinished is continued", async () => {
  const { hub, download } = await setUp();
  const part = leavePart(download, goneProcess(), CONTENT.subarray(0, 200_000));
  await downloadBlob(download);
  assert.deepEqual(readFileSync(download.blob), CONTENT);
  assert.deepEqual(ranges(hub), ["bytes=200000-"]);
  assert.ok(!existsSync(part));
});

test(
  "the unfinished download of a killed process is continued, even while that is still a zombie",
  LINUX,
  async (context) => {
    const { hub, download } = await setUp();
    leavePart(download, await zombie(context), CONTENT.subarray(0, 200_000));
    await downloadBlob(download);
    assert.deepEqual(ranges(hub), ["bytes=200000-"]);
  },
);

for (const name of ["incomplete", "1a2b3c4d.incomplete"]) {
  test(`a download that Python left as .${name} is continued once nobody has written it for a minute`, async () => {
    const { hub, download } = await setUp();
    const part = `${download.blob}.${name}`;
    mkdirSync(dirname(download.blob), { recursive: true });
    writeFileSync(part, CONTENT.subarray(0, 200_000));
    const minutes = new Date(Date.now() - 61_000);
    utimesSync(part, minutes, minutes);
    await downloadBlob(download);
    assert.deepEqual(readFileSync(download.blob), CONTENT);
    assert.deepEqual(ranges(hub), ["bytes=200000-"]);
    assert.deepEqual(partsOf(download.blob), []);
  });
}

test("what a Python process is writing now is left alone", async () => {
  const { hub, download } = await setUp();
  mkdirSync(dirname(download.blob), { recursive: true });
  const parts = [`${download.blob}.incomplete`, `${download.blob}.1a2b3c4d.incomplete`];
  for (const part of parts) writeFileSync(part, "theirs");
  await downloadBlob(download);
  assert.deepEqual(ranges(hub), [undefined]);
  for (const part of parts) assert.equal(readFileSync(part, "utf8"), "theirs");
});

test("a server without ranges sends the file from its start again", async () => {
  const { hub, download } = await setUp();
  leavePart(download, process.pid, CONTENT.subarray(0, 200_000));
  hub.failures.push("no ranges");
  await downloadBlob(download);
  assert.deepEqual(readFileSync(download.blob), CONTENT);
});

for (const name of ["large.bin", "plain.txt"] as const) {
  test(`${name} with other content than announced is refused and not kept`, async () => {
    const { hub, download } = await setUp(name);
    hub.failures.push("other content");
    await assert.rejects(downloadBlob(download), {
      name: "HubError",
      reason: "damaged",
      message:
        /^`org\/name\/(large\.bin|plain\.txt)`: expected content with the hash \w+, got \w+ \(\d+ bytes\)\. Try again\.$/,
    });
    assert.deepEqual(readdirSync(dirname(download.blob)), []);
    await downloadBlob(download);
    assert.deepEqual(readFileSync(download.blob), CONTENT);
  });
}

test("a continued file with wrong bytes is detected by its hash and downloaded from its start", async () => {
  const { hub, download } = await setUp();
  leavePart(download, process.pid, Buffer.alloc(200_000, "x"));
  await downloadBlob(download);
  assert.deepEqual(ranges(hub), ["bytes=200000-", undefined]);
  assert.deepEqual(readFileSync(download.blob), CONTENT);
});

test("a connection that brings nothing more is given up, and the part stays for the next run", async () => {
  process.env.HF_HUB_ETAG_TIMEOUT = "0.2";
  const { hub, download } = await setUp();
  hub.failures.push(breakAt(download, 0, 100_000), ...Array.from({ length: 30 }, () => ({ status: 503 })));
  await assert.rejects(downloadBlob(download), {
    reason: "unreachable",
    message:
      "`org/name/large.bin`: expected 300000 bytes, got 100000 and then HTTP 503. Run it again: the download goes on from there.",
  });
  hub.failures.length = 0;
  hub.requests.length = 0;
  await downloadBlob(download);
  assert.deepEqual(ranges(hub), ["bytes=100000-"]);
  assert.deepEqual(readFileSync(download.blob), CONTENT);
});

test("two calls for one file share its download", async () => {
  const { hub, download } = await setUp();
  await Promise.all([downloadBlob(download), downloadBlob({ ...download })]);
  assert.equal(ranges(hub).length, 1);
  await downloadBlob(download);
  assert.equal(ranges(hub).length, 1);
});
