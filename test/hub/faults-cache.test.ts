import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveModel } from "../../lib/hub/resolve";
import { temporaryFolder } from "../support/folders";
import {
  cacheAsPython,
  MODEL_FOLDER,
  MODEL_ID,
  ownHubEnvironment,
  serve,
  smallModel,
} from "../support/hub-environment";

const environment = ownHubEnvironment();
const { "README.md": _, ...NEEDED } = smallModel().files;
const WEIGHTS = "pytorch_model.bin";

/** A folder on a small disk of its own; undefined where none can be mounted. */
function smallDisk(t: TestContext, size: string): string | undefined {
  const disk = temporaryFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", disk]).status !== 0) {
    t.skip("no disk can be mounted here");
    return undefined;
  }
  t.after(() => spawnSync("umount", [disk]));
  return disk;
}

function makeReadOnly(disk: string): void {
  assert.equal(spawnSync("mount", ["-o", "remount,ro", disk]).status, 0);
}

/** Downloads the model, damages one of its files, and gives the path of that. */
async function damaged(file: string, damage: (path: string) => void): Promise<string> {
  const folder = await resolveModel(MODEL_ID);
  const blob = realpathSync(join(folder, file));
  damage(blob);
  return join(folder, file);
}

const damages: [title: string, file: string, damage: (path: string) => void][] = [
  ["cut weights in the cache", WEIGHTS, (path) => truncateSync(path, 1000)],
  ["empty weights in the cache", WEIGHTS, (path) => truncateSync(path, 0)],
  ["weights in the cache with bytes too many", WEIGHTS, (path) => appendFileSync(path, "x")],
  [
    "a small file in the cache with other bytes of the same length",
    "config.json",
    (path) => {
      const content = readFileSync(path);
      content[5] = (content[5] as number) ^ 1;
      writeFileSync(path, content);
    },
  ],
  [
    "a folder in the place of a file's content",
    "vocab.json",
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
];

for (const [title, file, damage] of damages) {
  test(`${title}: offline refused by name, online downloaded again`, async () => {
    await serve(smallModel());
    const path = await damaged(file, damage);
    await assert.rejects(resolveModel(MODEL_ID, { offline: true }), {
      reason: "offline",
      message: new RegExp(`got no undamaged ${file.replace(".", "\\.")}\\. Run once with the network`),
    });
    await resolveModel(MODEL_ID);
    assert.deepEqual(readFileSync(path), smallModel().files[file]);
  });
}

test("cut weights in a cache that Python filled are refused offline by name", async () => {
  const files = { ...NEEDED, [WEIGHTS]: "kept" };
  const absent = ["model.safetensors", "model.safetensors.index.json", "tokenizer.json"];
  const folder = cacheAsPython(environment.cache, MODEL_FOLDER, files, { absent });
  assert.equal(await resolveModel(MODEL_ID, { offline: true }), folder);
  truncateSync(realpathSync(join(folder, WEIGHTS)), 2);
  await assert.rejects(resolveModel(MODEL_ID, { offline: true }), /got no undamaged pytorch_model\.bin/);
});

const links: [title: string, make: (path: string) => void][] = [
  ["a link to nothing", (path) => symlinkSync("../../blobs/gone", path)],
  ["a link to itself", (path) => symlinkSync("config.json", path)],
];

for (const [title, make] of links) {
  test(`${title} in the place of a cached file is replaced`, async () => {
    await serve(smallModel());
    const path = join(await resolveModel(MODEL_ID), "config.json");
    rmSync(path);
    make(path);
    await resolveModel(MODEL_ID);
    assert.deepEqual(readFileSync(path), NEEDED["config.json"]);
  });
}

test("a full disk is said with a remedy, and after room is made the download goes on", async (t) => {
  const disk = smallDisk(t, "300k");
  if (disk === undefined) return;
  process.env.HF_HUB_CACHE = disk;
  const filler = join(disk, "filler");
  writeFileSync(filler, Buffer.alloc(200_000));
  const files = { ...NEEDED, [WEIGHTS]: Buffer.alloc(150_000, 7) };
  const hub = await serve(smallModel({ files }));
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "cache",
    message: new RegExp(
      `expected room in the cache ${disk}, got a full disk \\(ENOSPC\\)\\. Make room or set HF_HUB_CACHE`,
    ),
  });
  rmSync(filler);
  hub.requests.length = 0;
  const folder = await resolveModel(MODEL_ID);
  assert.deepEqual(readFileSync(join(folder, WEIGHTS)), files[WEIGHTS]);
  assert.ok(hub.requests.some(({ range }) => range?.startsWith("bytes=")));
});

test("a read-only cache is said with a remedy", async (t) => {
  const disk = smallDisk(t, "300k");
  if (disk === undefined) return;
  makeReadOnly(disk);
  process.env.HF_HUB_CACHE = disk;
  await serve(smallModel());
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "cache",
    message: new RegExp(
      `expected to write into the cache ${disk}, got (EROFS|ENOENT) at .*\\. Allow it, or set HF_HUB_CACHE to a`,
    ),
  });
});

test("a read-only cache that holds the model serves it, also when the hub has a later commit", async (t) => {
  const disk = smallDisk(t, "2m");
  if (disk === undefined) return;
  process.env.HF_HUB_CACHE = disk;
  const repository = smallModel();
  await serve(repository);
  const folder = await resolveModel(MODEL_ID);
  rmSync(join(disk, MODEL_FOLDER, ".sizes"), { recursive: true });
  makeReadOnly(disk);
  assert.equal(await resolveModel(MODEL_ID), folder);
  repository.commit = "f".repeat(40);
  repository.files["config.json"] = Buffer.from("{}");
  const lines: string[] = [];
  t.mock.method(console, "warn", (line: string) => void lines.push(line));
  assert.equal(await resolveModel(MODEL_ID), folder);
  assert.match(lines.join(), /got (EROFS|ENOENT) at .* The cached copy is used/);
});

test("a file in the place of the cache's folder is said with a remedy", async () => {
  process.env.HF_HUB_CACHE = join(environment.cache, "file");
  writeFileSync(process.env.HF_HUB_CACHE, "");
  await serve(smallModel());
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "cache",
    message: /got (ENOTDIR|EEXIST) at .*set HF_HUB_CACHE/,
  });
});

test("a disk without locks is used without them", async () => {
  await serve(smallModel());
  writeFileSync(join(environment.cache, ".locks"), "a file where the locks' folder should be");
  assert.ok(existsSync(join(await resolveModel(MODEL_ID), WEIGHTS)));
});

test("no lock and no unfinished file stays behind a download", async () => {
  await serve(smallModel());
  await resolveModel(MODEL_ID);
  assert.deepEqual(readdirSync(join(environment.cache, ".locks", MODEL_FOLDER)), []);
  assert.ok(!readdirSync(join(environment.cache, MODEL_FOLDER, "blobs")).some((name) => name.endsWith(".incomplete")));
});
