import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { resolveModel } from "../../lib/hub/resolve";
import { MODEL_ID, ownHubEnvironment, serve, smallModel } from "../support/hub-environment";
import type { ServedRepository } from "../support/hub-server";

ownHubEnvironment();

test("the token goes to the hub, and never to the host that it redirects to", async () => {
  const hub = await serve(smallModel({ token: "hf_secret" }));
  process.env.HF_TOKEN = "hf_secret";
  await resolveModel(MODEL_ID);
  const seen = (host: string): Set<string | undefined> =>
    new Set(hub.requests.filter((request) => request.host === host).map(({ authorization }) => authorization));
  assert.deepEqual(seen("hub"), new Set(["Bearer hf_secret"]));
  assert.deepEqual(seen("content"), new Set([undefined]));
});

test("a token need not look like the hub's own", async () => {
  await serve(smallModel({ token: "of-a-mirror" }));
  process.env.HF_TOKEN = "of-a-mirror";
  await resolveModel(MODEL_ID);
});

const page = `http://127\\.0\\.0\\.1:\\d+/${MODEL_ID}`;
const refused: [what: string, changes: Partial<ServedRepository>, token: string, reason: string, message: RegExp][] = [
  [
    "an unknown repository",
    { id: "org/other" },
    "",
    "repository",
    new RegExp(
      `expected a model at ${page}, got HTTP 401 RepoNotFound\\. Check the name; .* HF_TOKEN \\(none is set\\)\\.$`,
    ),
  ],
  [
    "a private repository without a token",
    { token: "hf_a" },
    "",
    "repository",
    /needs a token with access in HF_TOKEN/,
  ],
  [
    "a refused token",
    {},
    "hf_wrong",
    "access",
    /expected a valid token, got HTTP 401: the hub refuses this one\. Make a new/,
  ],
  [
    "a gated repository without a token",
    { token: "hf_a", gated: true },
    "",
    "access",
    new RegExp(`got HTTP 401 GatedRepo without a token\\. Ask for access at ${page}, then set HF_TOKEN`),
  ],
];

for (const [what, changes, token, reason, message] of refused) {
  test(`${what} is an error that says what to do`, async () => {
    await serve(smallModel(changes));
    if (token !== "") process.env.HF_TOKEN = token;
    await assert.rejects(resolveModel(MODEL_ID), { name: "HubError", reason, message });
  });
}

test("a gated repository that the token may not read is an error that says so", async () => {
  const hub = await serve(smallModel({ token: "hf_a", gated: true }));
  hub.repositories.push({ ...smallModel(), id: "org/mine", token: "hf_b" });
  process.env.HF_TOKEN = "hf_b";
  await assert.rejects(resolveModel(MODEL_ID), { reason: "access", message: /HTTP 403 GatedRepo with the token\./ });
});

test("a revision that the hub lacks is an error, cached or not", async () => {
  await serve(smallModel());
  await resolveModel(MODEL_ID);
  await assert.rejects(resolveModel(MODEL_ID, { revision: "v2" }), {
    reason: "revision",
    message: /expected a revision that the hub has, got HTTP 404 RevisionNotFound\. Check `revision`\.$/,
  });
});

test("a hub that cannot be reached is an error that names it", async () => {
  await assert.rejects(resolveModel(MODEL_ID), {
    reason: "unreachable",
    message:
      /^`siebert\/.*`: expected an answer from http:\/\/127\.0\.0\.1:2, got connect ECONNREFUSED 127\.0\.0\.1:2\. Check the network, or name a folder/,
  });
});

/** Starts a server that stands where the hub should be. */
async function impostor(t: { after(done: () => void): void }, answer?: string): Promise<void> {
  const server = createServer((_, response) => answer !== undefined && response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a hub that does not answer is given up after its time limit", async (t) => {
  await impostor(t);
  process.env.HF_HUB_ETAG_TIMEOUT = "0.2";
  await assert.rejects(resolveModel(MODEL_ID), { reason: "unreachable", message: /got no answer within 0\.2 s\./ });
});

for (const answer of ["<html>Log in to this network</html>", "{}", '{"sha": "../../etc"}', "[]"]) {
  test(`the answer ${answer} is not taken for the hub's`, async (t) => {
    await impostor(t, answer);
    await assert.rejects(resolveModel(MODEL_ID), { name: "HubError", reason: "unreachable" });
  });
}
