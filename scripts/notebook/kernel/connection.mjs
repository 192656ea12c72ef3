/** The kernel's five sockets, and the messages that come and go through them. */
import { tslab } from "./compiler.mjs";
import { Wire } from "./wire.mjs";

/** What Jupyter's client writes into the connection file. @typedef {{ transport: string, ip: string, key: string, shell_port: number, control_port: number, iopub_port: number, stdin_port: number, hb_port: number }} ConnectionFile */

/** A question of a client. @typedef {import("./wire.mjs").Message & { reply(content: Record<string, unknown>): void }} Request */

/** @typedef {AsyncIterable<Buffer[]> & { bind(address: string): Promise<void>, send(frames: unknown): Promise<void> }} Socket */

/** @type {Record<"Publisher" | "Router" | "Reply", new (options: Record<string, number>) => Socket>} */
const zeromq = tslab("zeromq");

// zeromq lets 512 messages through at once, then one has to wait for the event loop, and whatever is sent meanwhile is
// refused. With no time to wait, it sends each message at once; with no limit, it drops none.
const LOSSLESS = { sendTimeout: 0, sendHighWaterMark: 0 };

/** Jupyter's server drops what is more than 1,000 messages a second: so many pieces of text are sent at once, the others together. */
const [PIECES, WINDOW_MS] = [20, 50];

export class Connection {
  #wire;
  #file;
  #iopub = new zeromq.Publisher(LOSSLESS);
  /** Text that was printed and is not sent. @type {{ name: string, text: string, parent: Request } | undefined} */
  #printed;
  #pieces = { since: 0, count: 0 };

  /** @param {ConnectionFile} file */
  constructor(file) {
    this.#file = file;
    this.#wire = new Wire(file.key);
  }

  /** @param {(request: Request) => void} onRequest is called for each request, of the shell and of the control channel */
  async open(onRequest) {
    const { transport, ip, iopub_port, shell_port, control_port, stdin_port, hb_port } = this.#file;
    /** @type {(socket: Socket, port: number) => Promise<Socket>} */
    const bound = async (socket, port) => {
      await socket.bind(`${transport}://${ip}:${port}`);
      return socket;
    };
    const router = () => new zeromq.Router(LOSSLESS);
    await Promise.all([bound(this.#iopub, iopub_port), bound(router(), stdin_port)]);
    const heartbeat = await bound(new zeromq.Reply(LOSSLESS), hb_port);
    for (const port of [shell_port, control_port]) this.#listen(await bound(router(), port), onRequest);
    for await (const frames of heartbeat) await heartbeat.send(frames);
  }

  /**
   * Tells all clients.
   * @param {string} type
   * @param {Record<string, unknown>} content
   * @param {Request} parent what it comes of
   */
  publish(type, content, parent) {
    this.#flush();
    this.#send(type, content, parent);
  }

  /**
   * Tells all clients what was printed.
   * @param {"stdout" | "stderr"} name
   * @param {string} text
   * @param {Request} parent
   */
  print(name, text, parent) {
    if (this.#printed?.name !== name || this.#printed.parent !== parent) this.#flush();
    this.#printed = { name, text: (this.#printed?.text ?? "") + text, parent };
    if (Date.now() - this.#pieces.since > WINDOW_MS) this.#pieces = { since: Date.now(), count: 0 };
    if (this.#pieces.count++ < PIECES) this.#flush();
    else if (this.#pieces.count === PIECES + 1) setTimeout(() => this.#flush(), WINDOW_MS);
  }

  #flush() {
    if (!this.#printed) return;
    const { name, text, parent } = this.#printed;
    this.#printed = undefined;
    this.#send("stream", { name, text }, parent);
  }

  /** @type {Connection["publish"]} */
  #send(type, content, parent) {
    this.#iopub.send(this.#wire.write(type, content, parent.header, [type]));
  }

  /**
   * @param {Socket} socket
   * @param {(request: Request) => void} onRequest
   */
  async #listen(socket, onRequest) {
    for await (const frames of socket) {
      const message = this.#wire.read(frames);
      const type = message.header.msg_type.replace(/_request$/, "_reply");
      /** @param {Record<string, unknown>} content */
      const reply = (content) => void socket.send(this.#wire.write(type, content, message.header, message.identities));
      onRequest({ ...message, reply });
    }
  }
}
