/** Faults of a server, as tests order them for the next answers. */
import type { ServerResponse } from "node:http";

export type Failure =
  /** The connection breaks after some bytes of the body, once these have arrived. */
  | { after: number; until: () => boolean }
  /** After some bytes of the body nothing more comes. */
  | { stallAfter: number }
  /** An error without a body. */
  | { status: number; headers?: Record<string, string> }
  /** Another body than the right one, said to be `length` bytes long (default: its own length). */
  | { body: Buffer | string; length?: number }
  /** No answer at all. */
  | "silence"
  /** The connection breaks before the first byte. */
  | "reset"
  /** An endless circle of redirects. */
  | "redirects"
  /** The whole file for a request of its end. */
  | "no ranges"
  /** The answer to a request of the end is another piece. */
  | "other range"
  /** As many bytes as the right body has, and other ones. */
  | "other content";

/** Answers with a fault. @returns false where the fault is only in how the right body is sent */
export function fail(failure: Failure | undefined, response: ServerResponse, body: Buffer, here: string): boolean {
  if (failure === "silence") return true;
  if (failure === "reset") return Boolean(response.destroy());
  if (failure === "redirects") return Boolean(response.writeHead(302, { Location: here }).end());
  if (typeof failure !== "object") return false;
  if ("status" in failure) return Boolean(response.writeHead(failure.status, failure.headers ?? {}).end());
  if ("body" in failure) {
    const content = Buffer.from(failure.body as Buffer);
    response.writeHead(200, { "Content-Length": failure.length ?? content.length }).write(content);
    if (failure.length === undefined || failure.length <= content.length) response.end();
    else setTimeout(() => response.destroy(), 20);
    return true;
  }
  response.writeHead(response.statusCode, { "Content-Length": body.length });
  if ("stallAfter" in failure) {
    response.write(body.subarray(0, failure.stallAfter));
    return true;
  }
  response.write(body.subarray(0, failure.after));
  const watch = setInterval(() => {
    if (!failure.until()) return;
    clearInterval(watch);
    response.destroy();
  }, 10);
  response.on("close", () => clearInterval(watch));
  return true;
}
