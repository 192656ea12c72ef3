/** Hashes of files as the hub has them, which are the names of blobs in its cache. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { digestFile } from "../files/bytes";

/** A blob's name: SHA-256 of the content (64 digits), or git's SHA-1 of a file (40 digits). */
export const BLOB_NAME = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** SHA-256, or git's hash of a file: SHA-1 over "blob", the size and the content. Of the kind that `name` is. */
export function hashOf(file: string, name: string): string {
  const digest = createHash(name.length === 64 ? "sha256" : "sha1");
  if (name.length === 40) digest.update(`blob ${statSync(file).size}\0`);
  return digestFile(file, digest);
}
