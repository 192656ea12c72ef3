/** The notebook's kernel: tslab's compiler and executor, behind a server of our own that keeps to Jupyter's protocol. */
import { readFileSync } from "node:fs";
import { Connection } from "./kernel/connection.mjs";
import { endWithParent } from "./kernel/end-with-parent.mjs";
import { Interpreter } from "./kernel/interpreter.mjs";
import { Kernel } from "./kernel/kernel.mjs";

endWithParent();
// Deep enough to reach from the library to the cell that called it.
Error.stackTraceLimit = 50;
const interpreter = new Interpreter(process.cwd());

// Whoever takes the signal in place of the kernel, as the trainer does, takes all listeners away: this one stays.
const { emit } = process;
Object.assign(process, {
  /** @type {(name: string, ...rest: unknown[]) => boolean} */
  emit(name, ...rest) {
    if (name === "SIGINT") interpreter.noticeInterrupt();
    return Reflect.apply(emit, process, [name, ...rest]);
  },
});
process.on("SIGINT", () => interpreter.interrupt());

/** @param {unknown} error of work that nobody waits for */
const tell = (error) => void process.stderr.write(`${interpreter.toError(error).traceback.join("\n")}\n`);
process.on("uncaughtException", tell);
process.on("unhandledRejection", tell);

const connection = new Connection(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const kernel = new Kernel(connection, interpreter);
try {
  await connection.open((request) => kernel.handle(request));
} catch (error) {
  // Without its sockets nobody would ever hear of it.
  tell(error);
  process.exit(1);
}
