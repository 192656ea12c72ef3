/** The part of the loopback hub that takes uploads: repositories, large files, commits. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hub } from "./hub-server";

/** A commit that came. */
export interface Upload {
  repository: string;
  branch: string;
  title: string;
  /** Content by path; of large files what was put to the content's host. */
  files: Record<string, Buffer>;
}

interface Line {
  key: string;
  value: { summary: string; path: string; content: string; encoding: "base64"; oid: string };
}

const large = new Map<string, Buffer>();

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function send(response: ServerResponse, value: unknown, status = 200): true {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  return true;
}

/** Answers requests that write; the others are left. */
export const uploads = {
  /** Takes the content of a large file. */
  async receive(_hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = await read(request);
    large.set(createHash("sha256").update(content).digest("hex"), content);
    response.end();
  },

  /** @returns whether the request was one that writes */
  async answer(hub: Hub, contentHost: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { pathname } = new URL(request.url ?? "", hub.endpoint);
    const [, repository = "", what = "", branch = ""] =
      /^\/api\/models\/(.+)\/(preupload|commit)\/([^/]+)$/.exec(pathname) ?? [];
    const batch = pathname.endsWith(".git/info/lfs/objects/batch");
    if (pathname !== "/api/repos/create" && what === "" && !batch) return false;
    if (request.headers.authorization !== "Bearer hf_write") return send(response, { error: "Forbidden" }, 403);
    const text = (await read(request)).toString();
    if (pathname === "/api/repos/create") {
      const { name, organization } = JSON.parse(text) as { name: string; organization: string };
      const id = `${organization}/${name}`;
      if (hub.repositories.some((one) => one.id === id))
        return send(response, { error: "You already created it" }, 409);
      hub.repositories.push({ kind: "model", id, commit: "0".repeat(40), files: {} });
      return send(response, { url: `${hub.endpoint}/${id}`, id });
    }
    if (batch) {
      const { objects } = JSON.parse(text) as { objects: { oid: string; size: number }[] };
      const withActions = objects.map((one) => ({
        ...one,
        actions: { upload: { href: `${contentHost}/${one.oid}` } },
      }));
      return send(response, { transfer: "basic", objects: withActions });
    }
    if (what === "preupload") {
      const { files } = JSON.parse(text) as { files: { path: string }[] };
      const mode = (path: string): string => (/\.(onnx|safetensors)$/.test(path) ? "lfs" : "regular");
      return send(response, { files: files.map(({ path }) => ({ path, uploadMode: mode(path) })) });
    }
    const lines = text.split("\n").map((line) => JSON.parse(line) as Line);
    const files = lines
      .filter(({ key }) => key !== "header")
      .map(({ key, value }) => {
        const content = key === "lfsFile" ? large.get(value.oid) : Buffer.from(value.content, "base64");
        return [value.path, content ?? Buffer.from("never came")] as const;
      });
    const title = lines.find(({ key }) => key === "header")?.value.summary ?? "";
    hub.uploads.push({ repository, branch, title, files: Object.fromEntries(files) });
    const oid = "1".repeat(40);
    return send(response, { commitOid: oid, commitUrl: `${hub.endpoint}/${repository}/commit/${oid}`, hookOutput: "" });
  },
};
