/** What the kernel does for Jupyter: it runs cells, one after the other, and answers other questions meanwhile. */
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import { ts, tslab } from "./compiler.mjs";

/** @typedef {import("./connection.mjs").Request} Request */

/** Milliseconds in which requests are read that were sent before a cell failed. */
const SETTLE_MS = 50;

/** Milliseconds that the last messages get on their way. */
const FAREWELL_MS = 100;

const KERNEL_INFO = {
  protocol_version: "5.3",
  implementation: "tslab",
  implementation_version: "1.0.22",
  banner: "TypeScript",
  language_info: {
    name: "typescript",
    version: ts.version,
    mimetype: "text/typescript",
    file_extension: ".ts",
    // JupyterLab asks for the first, the classic notebook for the others.
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
  },
};

export class Kernel {
  #connection;
  #interpreter;
  #count = 0;
  /** Cells that wait for their turn. @type {Request[]} */
  #queue = [];
  /** The cell that runs. @type {Request | undefined} */
  #running;

  /**
   * @param {import("./connection.mjs").Connection} connection
   * @param {import("./interpreter.mjs").Interpreter} interpreter
   */
  constructor(connection, interpreter) {
    this.#connection = connection;
    this.#interpreter = interpreter;
  }

  /** @param {Request} request */
  handle(request) {
    if (request.header.msg_type !== "execute_request") return this.#answer(request);
    this.#queue.push(request);
    if (!this.#running) this.#runQueue();
  }

  /** @param {Request} request */
  #answer(request) {
    this.#status("busy", request);
    try {
      const answer = this.#answerTo(request);
      if (answer) request.reply({ status: "ok", ...answer });
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error);
      request.reply({ status: "error", ename: "Error", evalue, traceback: [] });
    }
    this.#status("idle", request);
    // A client shows the state it was told last, whatever that was the state of.
    if (this.#running) this.#status("busy", this.#running);
    if (request.header.msg_type === "shutdown_request") setTimeout(() => process.exit(0), FAREWELL_MS);
  }

  /**
   * @param {Request} request
   * @returns {Record<string, unknown> | undefined} nothing for what is no question
   */
  #answerTo({ header, content }) {
    const { code, cursor_pos: cursor } = /** @type {{ code: string, cursor_pos: number }} */ (content);
    switch (header.msg_type) {
      case "kernel_info_request":
        return KERNEL_INFO;
      case "complete_request":
        return this.#interpreter.complete(code, cursor);
      case "inspect_request":
        return this.#interpreter.inspect(code, cursor);
      case "is_complete_request":
        return this.#interpreter.isComplete(code);
      case "history_request":
        return { history: [] };
      case "comm_info_request":
        return { comms: {} };
      case "interrupt_request":
        process.kill(process.pid, "SIGINT");
        return {};
      case "shutdown_request":
        return { restart: content.restart === true };
      default:
        return undefined;
    }
  }

  async #runQueue() {
    for (let cell = this.#queue.shift(); cell; cell = this.#queue.shift()) {
      this.#running = cell;
      this.#status("busy", cell);
      const { reply, drop } = await this.#run(cell);
      if (drop) await pause(SETTLE_MS);
      const dropped = drop ? this.#queue.splice(0) : [];
      cell.reply({ execution_count: this.#count, ...reply });
      this.#status("idle", cell);
      for (const request of dropped) {
        this.#status("busy", request);
        request.reply({ status: "aborted" });
        this.#status("idle", request);
      }
    }
    this.#running = undefined;
  }

  /**
   * @param {Request} cell
   * @returns what to answer, and whether the cells that wait are dropped
   */
  async #run(cell) {
    const { code, silent, store_history, stop_on_error } = /** @type {{ code: string } & Record<string, unknown>} */ (
      cell.content
    );
    if (!silent && store_history !== false) this.#count++;
    const execution_count = this.#count;
    if (!silent) this.#connection.publish("execute_input", { code, execution_count }, cell);
    this.#collectOutputs(cell);
    const { error, result, stopped } = await this.#interpreter.run(code, execution_count);
    if (error) this.#connection.publish("error", error, cell);
    else if (result && !silent) {
      this.#connection.publish("execute_result", { execution_count, metadata: {}, ...result }, cell);
    }
    const reply = error ? { status: "error", ...error } : { status: "ok", payload: [], user_expressions: {} };
    return { reply, drop: stopped || (error !== undefined && stop_on_error !== false) };
  }

  /**
   * What is printed and shown from now on belongs to this cell, also when it comes after the cell's end.
   * @param {Request} cell
   */
  #collectOutputs(cell) {
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      const decoder = new StringDecoder();
      /** @type {(chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => boolean} */
      process[name].write = (chunk, ...rest) => {
        const text = typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk));
        if (text !== "") this.#connection.print(name, text, cell);
        const done = rest.find((argument) => typeof argument === "function");
        if (done) process.nextTick(done);
        return true;
      };
    }
    /** @type {{ lastWriteDisplayData: (content: Record<string, unknown>, update: boolean) => void }} */
    const display = tslab("./jupyter.js");
    display.lastWriteDisplayData = (content, update) =>
      this.#connection.publish(update ? "update_display_data" : "display_data", content, cell);
  }

  /**
   * @param {"busy" | "idle"} state
   * @param {Request} request
   */
  #status(state, request) {
    this.#connection.publish("status", { execution_state: state }, request);
  }
}
