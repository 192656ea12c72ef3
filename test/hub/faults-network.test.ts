import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { resolveModel } from "../../lib/hub/resolve";
import { MODEL_FOLDER, MODEL_ID, ownHubEnvironment, serve, smallModel } from "../support/hub-environment";
import type { Failure } from "../support/hub-failures";
import type { Hub } from "../support/hub-server";
import { startProxy } from "../support/proxy-server";

const environment = ownHubEnvironment();
const WEIGHTS = smallModel().files["pytorch_model.bin"] as Buffer;

/** A hub whose next answers fail: those to questions, or those with content. */
async function failing(kind: "answers" | "failures", failures: Failure[], patience = "0.5"): Promise<Hub> {
  const hub = await serve(smallModel());
  hub[kind].push(...failures);
  process.env.HF_HUB_ETAG_TIMEOUT = patience;
  return hub;
}

const often = (failure: Failure): Failure[] => Array.from({ length: 60 }, () => failure);

/** Resolves the model, which must come whole. */
async function comesWhole(): Promise<void> {
  const folder = await resolveModel(MODEL_ID);
  assert.deepEqual(readFileSync(join(folder, "pytorch_model.bin")), WEIGHTS);
  const blobs = readdirSync(join(environment.cache, MODEL_FOLDER, "blobs"));
  assert.deepEqual(
    blobs.filter((name) => name.includes("incomplete")),
    [],
  );
}

/** Whether so many bytes of any file have come. */
const came = (bytes: number) => (): boolean => {
  const folder = join(environment.cache, MODEL_FOLDER, "blobs");
  return readdirSync(folder).some((name) => name.includes("incomplete") && statSync(join(folder, name)).size === bytes);
};

const CONFIG = smallModel().files["config.json"] as Buffer;
const overcome: [title: string, kind: "answers" | "failures", failures: Failure[]][] = [
  ["a question whose connection is cut before the first byte is asked again", "answers", ["reset"]],
  ["a question whose answer stalls in its body is asked again after the time limit", "answers", [{ stallAfter: 1 }]],
  ["a question that is answered with 429 is asked again", "answers", [{ status: 429 }]],
  ["a question that is answered with 500 is asked again", "answers", [{ status: 500 }, { status: 500 }]],
  ["an answer whose JSON is cut by the connection is asked for again", "answers", [{ body: '{"sha":', length: 90 }]],
  ["a download that is cut before the first byte starts again", "failures", ["reset"]],
  ["a download that is cut in the middle is continued", "failures", [{ after: 100, until: came(100) }]],
  [
    "a download that is cut before the last byte is continued",
    "failures",
    [{ after: CONFIG.length - 1, until: came(CONFIG.length - 1) }],
  ],
  ["a download that stalls before its answer is asked for again", "failures", ["silence"]],
  ["a download that stalls in its middle is continued after the time limit", "failures", [{ stallAfter: 100 }]],
  ["a download that stalls before its last byte is continued", "failures", [{ stallAfter: CONFIG.length - 1 }]],
  ["a download that is answered with 500 is asked for again", "failures", [{ status: 500 }]],
  ["a download that is answered with 429 is asked for again", "failures", [{ status: 429 }]],
  ["an answer that is shorter than the file is continued", "failures", [{ body: CONFIG.subarray(0, 50) }]],
  [
    "a piece of another place of the file is thrown away",
    "failures",
    [{ after: 100, until: came(100) }, "other range"],
  ],
  [
    "a refused range (416) makes the download start again",
    "failures",
    [{ after: 100, until: came(100) }, { status: 416 }],
  ],
  [
    "a file that changes between two pieces is found by its hash and downloaded again",
    "failures",
    [{ after: 100, until: came(100) }, "other content"],
  ],
  [
    "a server that ignores the range of a continued download sends it whole",
    "failures",
    [{ after: 100, until: came(100) }, "no ranges"],
  ],
];

for (const [title, kind, failures] of overcome) {
  test(title, async () => {
    const hub = await failing(kind, failures);
    await comesWhole();
    assert.deepEqual(hub[kind], []);
  });
}

test("a server's Retry-After is waited for", async () => {
  await failing("answers", [{ status: 503, headers: { "Retry-After": "1" } }]);
  const start = performance.now();
  await comesWhole();
  assert.ok(performance.now() - start > 1000);
});

test("a Retry-After longer than the time for attempts ends them at once, and is said", async () => {
  await failing("answers", [{ status: 429, headers: { "Retry-After": "3600" } }], "10");
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "unreachable",
    message: /got HTTP 429 from 127\.0\.0\.1:\d+, which asks to wait 3600 s\. Check the network/,
  });
});

const final: [title: string, kind: "answers" | "failures", failures: Failure[], reason: string, message: RegExp][] = [
  [
    "a question that fails again and again is given up",
    "answers",
    often({ status: 500 }),
    "unreachable",
    /got HTTP 500 from/,
  ],
  [
    "a body that stalls again and again is given up",
    "answers",
    often({ stallAfter: 1 }),
    "unreachable",
    /got no more bytes within 0\.1 s\./,
  ],
  [
    "a download that never brings its first byte is given up with a remedy",
    "failures",
    often({ stallAfter: 0 }),
    "unreachable",
    /^`siebert.*config\.json`: expected \d+ bytes, got 0 and then no more bytes within 0\.1 s\. Check the network, and run/,
  ],
  [
    "a download whose connection is always cut before the answer is given up",
    "failures",
    often("reset"),
    "unreachable",
    /Check the network, or name a folder/,
  ],
  ["HTML instead of JSON is not the hub's answer", "answers", [{ body: "<html>Log in</html>" }], "unreachable", /JSON/],
  ["JSON that ends too early is not the hub's answer", "answers", [{ body: '{"sha": "01' }], "unreachable", /JSON/],
  ["a missing repository (404) is said", "answers", [{ status: 404 }], "repository", /HTTP 404\. Check the name/],
  ["a refused question (401) is said", "answers", [{ status: 401 }], "repository", /HTTP 401\..*HF_TOKEN/],
  [
    "a forbidden repository (403) is said",
    "answers",
    [{ status: 403 }],
    "access",
    /HTTP 403 without a token\. Ask for/,
  ],
  ["a file that is gone (404) is said", "failures", [{ status: 404 }], "repository", /HTTP 404/],
  ["a forbidden file (403) is said", "failures", [{ status: 403 }], "access", /Ask for access at/],
  ["other content than announced is refused", "failures", ["other content"], "damaged", /with the hash \w+, got \w+/],
  [
    "an answer longer than the file is refused",
    "failures",
    [{ body: Buffer.concat([CONFIG, CONFIG]) }],
    "damaged",
    /expected content with the hash/,
  ],
];

for (const [title, kind, failures, reason, message] of final) {
  test(title, async () => {
    await failing(kind, failures, "0.1");
    await assert.rejects(resolveModel(MODEL_ID), { name: "HubError", reason, message });
  });
}

test("redirects in a circle are given up at once", async () => {
  await failing("answers", often("redirects"), "5");
  await assert.rejects(resolveModel(MODEL_ID), { reason: "unreachable", message: /got redirect count exceeded/ });
});

test("a model that is cached whole is used at the hub's first failure, with one warning", async (t) => {
  const hub = await serve(smallModel());
  const folder = await resolveModel(MODEL_ID);
  const lines: string[] = [];
  t.mock.method(console, "warn", (line: string) => void lines.push(line));
  hub.outOfOrder = 503;
  hub.requests.length = 0;
  for (const _ of [1, 2]) assert.equal(await resolveModel(MODEL_ID), folder);
  assert.equal(hub.requests.length, 2);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /got HTTP 503 from .* The cached copy is used: /);
});

for (const variable of ["HTTP_PROXY", "all_proxy"]) {
  test(`questions and downloads go through ${variable}`, async () => {
    const hub = await serve(smallModel());
    const proxy = await startProxy();
    process.env[variable] = proxy.address;
    await comesWhole();
    assert.ok(proxy.asked.includes(new URL(hub.endpoint).host));
    assert.equal(new Set(proxy.asked).size, 2, "the hub and the host of its content");
  });
}

test("hosts in NO_PROXY are asked without the proxy", async () => {
  await serve(smallModel());
  const proxy = await startProxy();
  Object.assign(process.env, { HTTP_PROXY: proxy.address, NO_PROXY: "example.org,127.0.0.1" });
  await comesWhole();
  assert.deepEqual(proxy.asked, []);
});

test("a proxy that is down is named, without its password", async () => {
  await serve(smallModel());
  process.env.HTTP_PROXY = "http://me:secret@127.0.0.1:2";
  await assert.rejects(resolveModel(MODEL_ID), ({ message }: Error) => {
    assert.match(
      message,
      /\(through the proxy http:\/\/127\.0\.0\.1:2 unless .*\), got .*Check the network and the proxy/,
    );
    assert.doesNotMatch(message, /secret/);
    return true;
  });
});
