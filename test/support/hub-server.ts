/** A Hugging Face hub on this machine, as far as the library speaks with it: commits, files, content, tokens, failures. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { type Failure, fail } from "./hub-failures";
import { type Upload, uploads } from "./hub-uploads";

export type { Failure };

/** A repository that the server has. */
export interface ServedRepository {
  kind: "model" | "dataset";
  id: string;
  /** 40 hexadecimal digits; main stands for it. */
  commit: string;
  /** Content by path; `.bin` and `.safetensors` are large files, whose content lies on another host. */
  files: Record<string, Buffer>;
  /** Other branches than main, each with a commit and files of its own. */
  branches?: Record<string, { commit: string; files: Record<string, Buffer> }>;
  /** The token that may read it; without one everybody may. */
  token?: string;
  /** True where its list of files is public and its content is not. */
  gated?: boolean;
}

/** A request as it came. */
export interface Request {
  /** "hub" or "content". */
  host: "hub" | "content";
  method: string;
  path: string;
  authorization: string | undefined;
  range: string | undefined;
}

/** A running server. */
export interface Hub {
  /** What HF_ENDPOINT is set to. */
  endpoint: string;
  requests: Request[];
  /** For the next requests for content, undefined for one that succeeds. */
  failures: (Failure | undefined)[];
  /** For the next questions to the API. */
  answers: Failure[];
  /** Commits that were pushed. */
  uploads: Upload[];
  /** When set, every answer of the hub is this status. */
  outOfOrder: number | undefined;
  repositories: ServedRepository[];
  stop(): Promise<void>;
}

/** Starts a hub; it ends with the test file. */
export async function startHub(...repositories: ServedRepository[]): Promise<Hub> {
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(
      servers.splice(0).map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  };
  const hub: Hub = {
    endpoint: "",
    requests: [],
    failures: [],
    answers: [],
    uploads: [],
    outOfOrder: undefined,
    repositories,
    stop,
  };
  const contentHost = await listen(servers, (request, response) => {
    note(hub, "content", request);
    if (request.method === "PUT") return uploads.receive(hub, request, response);
    const file = repositories.flatMap(({ files }) => Object.values(files)).find((f) => `/${sha256(f)}` === request.url);
    if (file === undefined) return refuse(response, 404, "");
    sendContent(hub, file, request, response);
  });
  hub.endpoint = await listen(servers, (request, response) => {
    note(hub, "hub", request);
    answer(hub, contentHost, request, response).catch((error) => response.destroy(error));
  });
  after(stop);
  return hub;
}

async function listen(servers: Server[], listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function note(hub: Hub, host: Request["host"], { method = "", url = "", headers }: IncomingMessage): void {
  hub.requests.push({ host, method, path: url, authorization: headers.authorization, range: headers.range });
}

async function answer(
  hub: Hub,
  contentHost: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (hub.outOfOrder !== undefined) return refuse(response, hub.outOfOrder, "");
  const { pathname } = new URL(request.url ?? "", hub.endpoint);
  if (pathname.startsWith("/api/") && hub.answers.length > 0) {
    const right = Buffer.from("{}");
    if (fail(hub.answers.shift(), response, right, `${hub.endpoint}${request.url}`)) return;
  }
  if (await uploads.answer(hub, contentHost, request, response)) return;
  const api = /^\/api\/(model|dataset)s\/(.+)\/(revision|paths-info|tree)\/([^/]+)$/.exec(pathname);
  const content = /^\/(datasets\/)?(.+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
  const kind = api?.[1] ?? (content?.[1] ? "dataset" : "model");
  const id = api?.[2] ?? content?.[2];
  const repository = hub.repositories.find((one) => one.kind === kind && one.id === id);
  const token = request.headers.authorization?.replace("Bearer ", "");
  if (token !== undefined && !hub.repositories.some((one) => one.token === token)) {
    response.setHeader("X-Error-Message", "Invalid credentials in Authorization header");
    return refuse(response, 401, "");
  }
  const mayRead = repository?.token === undefined || repository.token === token;
  if (repository === undefined || (!mayRead && !(repository.gated && api))) {
    if (repository?.gated) return refuse(response, token === undefined ? 401 : 403, "GatedRepo");
    return refuse(response, token === undefined ? 401 : 404, "RepoNotFound");
  }
  const revision = decodeURIComponent(api?.[4] ?? content?.[3] ?? "");
  const branches = Object.entries({ ...repository.branches, main: repository });
  const at = branches.find(([name, { commit }]) => name === revision || commit === revision)?.[1];
  if (at === undefined) return refuse(response, 404, "RevisionNotFound");
  response.setHeader("X-Repo-Commit", at.commit);
  if (api?.[3] === "revision") return sendJson(response, { _id: "1", id, sha: at.commit, private: false });
  if (api?.[3] === "tree") {
    return sendJson(
      response,
      Object.entries(at.files).map(([path, file]) => describe(path, file)),
    );
  }
  if (api) {
    const { paths } = JSON.parse(await bodyOf(request)) as { paths: string[] };
    const there = paths.filter((path) => at.files[path] !== undefined);
    return sendJson(
      response,
      there.map((path) => describe(path, at.files[path] as Buffer)),
    );
  }
  const path = decodeURIComponent(content?.[4] ?? "");
  const file = at.files[path];
  if (file === undefined) return refuse(response, 404, "EntryNotFound");
  if (!isLarge(path)) {
    response.setHeader("ETag", `"${gitHash(file)}"`);
    return sendContent(hub, file, request, response);
  }
  response.setHeader("X-Linked-Etag", `"${sha256(file)}"`).setHeader("X-Linked-Size", file.length);
  response.writeHead(302, { Location: `${contentHost}/${sha256(file)}` }).end();
}

function describe(path: string, file: Buffer): object {
  const plain = { type: "file", path, size: file.length, oid: gitHash(file) };
  return isLarge(path) ? { ...plain, lfs: { oid: sha256(file), size: file.length, pointerSize: 134 } } : plain;
}

function sendContent(hub: Hub, file: Buffer, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "HEAD") {
    response.writeHead(200, { "Content-Length": file.length }).end();
    return;
  }
  const failure = hub.failures.shift();
  const asked = failure === "no ranges" ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const start = failure === "other range" ? asked + 1 : asked;
  const body = failure === "other content" ? Buffer.alloc(file.length - start, "x") : file.subarray(start);
  response.statusCode = start > 0 ? 206 : 200;
  if (start > 0) response.setHeader("Content-Range", `bytes ${start}-${file.length - 1}/${file.length}`);
  if (fail(failure, response, body, `http://${request.headers.host}${request.url}`)) return;
  response.setHeader("Content-Length", body.length).end(body);
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, code === "" ? {} : { "X-Error-Code": code }).end();
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

function isLarge(path: string): boolean {
  return /\.(bin|safetensors)$/.test(path);
}

/** Name of a large file's blob. */
export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Name of a plain file's blob, as git has it. */
export function gitHash(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
