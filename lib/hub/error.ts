/** Why something cannot be had from the Hugging Face hub. */

/**
 * - `offline`: the hub must not be asked, and the cache lacks it
 * - `unreachable`: no answer, or the hub is out of order
 * - `repository`, `revision`, `files`: the hub has no such thing
 * - `access`: the repository is gated, or the token is refused
 * - `damaged`: what came is not what the hub announced
 */
export type HubReason = "offline" | "unreachable" | "repository" | "revision" | "files" | "access" | "damaged";

/** Something that cannot be had from the hub; the message says what to do. */
export class HubError extends Error {
  override name = "HubError";

  constructor(
    readonly reason: HubReason,
    message: string,
  ) {
    super(message);
  }
}
