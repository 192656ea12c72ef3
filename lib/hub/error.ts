/** The error for what cannot be had from the Hugging Face hub. */

/**
 * - `offline`: the hub must not be asked, and the cache lacks it
 * - `unreachable`: no answer, a broken answer, or the hub is out of order
 * - `repository`, `revision`, `files`: the hub has no such thing
 * - `access`: the repository is gated, or the token is refused
 * - `damaged`: what came is not what the hub announced
 * - `cache`: the cache's folder cannot be written
 */
export type HubReason =
  | "offline"
  | "unreachable"
  | "repository"
  | "revision"
  | "files"
  | "access"
  | "damaged"
  | "cache";

/** More about an answer that failed. */
export interface HubErrorDetails {
  /** HTTP status of the answer, if there was one. */
  status?: number;
  /** True where the same request may succeed a moment later. */
  passing?: boolean;
  /** Milliseconds after which the server allows the next request. */
  retryAfter?: number;
}

/** Something that cannot be had from the hub; the message says what to do. */
export class HubError extends Error {
  override name = "HubError";

  constructor(
    readonly reason: HubReason,
    message: string,
    readonly details: HubErrorDetails = {},
  ) {
    super(message);
  }
}

/** An answer that began and did not come to its end. Another attempt may succeed. */
export class BrokenAnswer extends Error {
  override name = "BrokenAnswer";
}

/** The message of an error's innermost cause, which says more than fetch's "fetch failed". */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || codeOf(cause) || cause.name : String(cause);
}

/** The code of a system error such as "ENOSPC", or of its cause. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return (error as NodeJS.ErrnoException).code ?? codeOf(error.cause);
}
