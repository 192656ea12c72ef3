/** A client of the notebook's kernel that speaks Jupyter's protocol, without Jupyter. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Dealer, Subscriber } from "zeromq";
import type { Header } from "../../scripts/notebook/kernel/wire.mjs";
import { Wire } from "../../scripts/notebook/kernel/wire.mjs";
import { inProject } from "../../scripts/setup/project.mjs";
import { temporaryFolder } from "./folders";

// The very sockets of the kernel, which are tslab's.
const zeromq = createRequire(require.resolve("tslab"))("zeromq") as typeof import("zeromq");

/** A message of the kernel. */
export interface KernelMessage {
  type: string;
  /** The request that it comes of. */
  parent: string;
  content: Record<string, unknown>;
}

/** A cell that was run: its reply, and what was told of it meanwhile, in order. */
export interface CellRun {
  reply: Record<string, unknown>;
  outputs: KernelMessage[];
}

/** Types of messages that become the outputs of a cell. */
const OUTPUTS = ["stream", "display_data", "update_display_data", "execute_result", "error"];

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** A kernel of its own for a test, ended with it. */
export class KernelClient {
  /** What the kernel has told all clients. */
  readonly published: KernelMessage[] = [];
  /** What native code and the kernel itself printed. */
  log = "";
  readonly process: ChildProcess;
  readonly #wire = new Wire("a key of the test");
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #iopub: Subscriber;
  readonly #replies = new Map<string, KernelMessage>();
  readonly #signal: AbortSignal;

  private constructor(process: ChildProcess, ports: number[], signal: AbortSignal) {
    this.process = process;
    this.#signal = signal;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
      });
    }
    const [shell, control, iopub] = ports.map((port) => `tcp://127.0.0.1:${port}`);
    this.#shell = new zeromq.Dealer();
    this.#control = new zeromq.Dealer();
    this.#iopub = new zeromq.Subscriber();
    this.#shell.connect(`${shell}`);
    this.#control.connect(`${control}`);
    this.#iopub.connect(`${iopub}`);
    this.#iopub.subscribe();
    void this.#read(this.#iopub, (message) => void this.published.push(message));
    const keep = (message: KernelMessage): void => void this.#replies.set(message.parent, message);
    void this.#read(this.#shell, keep);
    void this.#read(this.#control, keep);
  }

  /** Starts a kernel in the folder of the notebook and waits until it answers. */
  static async start(context: TestContext): Promise<KernelClient> {
    for (let tries = 1; ; tries++) {
      try {
        return await KernelClient.#startOn(await freePorts(5), context);
      } catch (error) {
        // Between the search for free ports and the kernel, another process may have taken one.
        if (tries === 3 || !/address already in use/i.test(`${error}`)) throw error;
      }
    }
  }

  /** Starts a kernel that listens on these ports: shell, control, iopub, stdin, heartbeat. */
  static async #startOn(ports: number[], context: TestContext): Promise<KernelClient> {
    const [shell_port, control_port, iopub_port, stdin_port, hb_port] = ports;
    const places = { shell_port, control_port, iopub_port, stdin_port, hb_port };
    const file = join(temporaryFolder(), "connection.json");
    const connection = { ...places, transport: "tcp", ip: "127.0.0.1", key: "a key of the test" };
    writeFileSync(file, JSON.stringify(connection));
    const child = spawn(process.execPath, [inProject("scripts/notebook/tslab.mjs"), file], {
      cwd: inProject("notebooks"),
      env: { ...process.env, JPY_PARENT_PID: `${process.pid}` },
    });
    const client = new KernelClient(child, ports, context.signal);
    context.after(() => client.close());
    // Published before the subscription has come through, a message is lost.
    while (!client.published.some(({ type }) => type === "status")) {
      await client.ask("kernel_info_request");
      await pause(20, undefined, { signal: context.signal });
    }
    return client;
  }

  /** Sends a request. @returns its number */
  send(type: string, content: Record<string, unknown> = {}, channel: "shell" | "control" = "shell"): string {
    const frames = this.#wire.write(type, content, {} as Header, []);
    const { msg_id } = JSON.parse(`${frames[2]}`) as Header;
    void (channel === "shell" ? this.#shell : this.#control).send(frames);
    return msg_id;
  }

  /** Sends a request and waits for its reply. @returns the reply's content */
  async ask(
    type: string,
    content: Record<string, unknown> = {},
    channel: "shell" | "control" = "shell",
  ): Promise<Record<string, unknown>> {
    return (await this.reply(this.send(type, content, channel))).content;
  }

  /** Sends a cell. @returns its number */
  sendCell(code: string, options: Record<string, unknown> = {}): string {
    return this.send("execute_request", { code, silent: false, store_history: true, stop_on_error: true, ...options });
  }

  /** Runs a cell to its end. */
  async run(code: string, options: Record<string, unknown> = {}): Promise<CellRun> {
    return this.ended(this.sendCell(code, options));
  }

  /** Waits for the end of a cell that was sent. */
  async ended(id: string): Promise<CellRun> {
    const { content } = await this.reply(id);
    await this.until(() => this.statusesOf(id).includes("idle"));
    const outputs = this.published.filter(({ type, parent }) => parent === id && OUTPUTS.includes(type));
    return { reply: content, outputs };
  }

  /** Waits for the reply to a request that was sent. */
  async reply(id: string): Promise<KernelMessage> {
    await this.until(() => this.#replies.has(id));
    return this.#replies.get(id) as KernelMessage;
  }

  /** States that were told of a request, in order. */
  statusesOf(id: string): unknown[] {
    return this.published
      .filter(({ type, parent }) => type === "status" && parent === id)
      .map(({ content }) => content.execution_state);
  }

  /** The state that JupyterLab shows: the last that was told, whatever of. */
  get status(): unknown {
    return this.published.findLast(({ type }) => type === "status")?.content.execution_state;
  }

  /** Waits until the kernel has told something. */
  async until(told: () => boolean): Promise<void> {
    while (!told()) {
      if (this.process.exitCode !== null)
        throw new Error(`the kernel ended with ${this.process.exitCode}: ${this.log}`);
      await pause(5, undefined, { signal: this.#signal });
    }
  }

  close(): void {
    this.process.kill("SIGKILL");
    for (const socket of [this.#shell, this.#control, this.#iopub]) socket.close();
  }

  async #read(socket: Dealer | Subscriber, onMessage: (message: KernelMessage) => void): Promise<void> {
    for await (const frames of socket) {
      const { header, parent, content } = this.#wire.read(frames as Buffer[]);
      onMessage({ type: header.msg_type, parent: parent.msg_id, content });
    }
  }
}

/** The text that outputs show, and what an error says. */
export function textOf({ outputs }: CellRun): string {
  return outputs
    .map(({ content }) => {
      const { text, data, traceback } = content as {
        text?: string;
        data?: Record<string, string>;
        traceback?: string[];
      };
      return text ?? data?.["text/plain"] ?? traceback?.join("\n") ?? "";
    })
    .join("");
}
