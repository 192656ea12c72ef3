/** Jupyter's messages as they go over a socket: identities, a delimiter, a signature, and four parts in JSON. */
import { createHmac, randomUUID } from "node:crypto";

const DELIMITER = Buffer.from("<IDS|MSG>");

/**
 * @typedef {object} Header
 * @property {string} msg_id
 * @property {string} msg_type
 * @property {string} session
 * @property {string} username
 * @property {string} date
 * @property {string} version
 */

/**
 * @typedef {object} Message
 * @property {Buffer[]} identities who sent it, for the way back
 * @property {Header} header
 * @property {Header} parent what it answers, if it does
 * @property {Record<string, unknown>} content
 */

/** Reads and writes the messages of one connection. */
export class Wire {
  #key;
  #session = randomUUID();

  /** @param {string} key the connection's secret; empty for messages that nobody signs */
  constructor(key) {
    this.#key = key;
  }

  /**
   * @param {Buffer[]} frames
   * @returns {Message}
   * @throws {Error} the message is not one of Jupyter's, or was signed with another key
   */
  read(frames) {
    const end = frames.findIndex((frame) => frame.equals(DELIMITER));
    const [signature, ...parts] = frames.slice(end + 1);
    if (end < 0 || !signature || signature.toString() !== this.#sign(parts.slice(0, 4))) {
      throw new Error(`message: expected one that is signed with the connection's key, got ${frames.length} frames.`);
    }
    const [header, parent, , content] = parts.map((part) => JSON.parse(part.toString()));
    return { identities: frames.slice(0, end), header, parent, content };
  }

  /**
   * @param {string} type of the message to write
   * @param {Record<string, unknown>} content
   * @param {Header} parent what it answers
   * @param {(Buffer | string)[]} to identities of a reply, or the topic of what is published
   * @returns {(Buffer | string)[]} frames
   */
  write(type, content, parent, to) {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      version: "5.3",
    };
    const parts = [header, parent, {}, content].map((part) => JSON.stringify(part));
    return [...to, DELIMITER, this.#sign(parts), ...parts];
  }

  /** @param {(Buffer | string)[]} parts */
  #sign(parts) {
    if (this.#key === "") return "";
    const hash = createHmac("sha256", this.#key);
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  }
}
