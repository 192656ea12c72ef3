import { createRequire } from "node:module";
import { endWithParent } from "./kernel/end-with-parent.mjs";

// The kernel: tslab, made to lose no message. zeromq lets 512 messages through at once, then one has to wait for the event
// loop, and whatever is sent meanwhile is refused (EBUSY). tslab does not look at that: the message that a cell is done is
// lost, and JupyterLab waits for the cell without end. With no time to wait, zeromq sends each message at once.
const require = createRequire(import.meta.url);
const zeromq = createRequire(require.resolve("tslab"))("zeromq");
for (const name of ["Publisher", "Router", "Reply"]) {
  const Socket = zeromq[name];
  zeromq[name] = class extends Socket {
    /** @param {Record<string, unknown>} [options] */
    constructor(options) {
      super({ sendTimeout: 0, ...options });
    }
  };
}
endWithParent();
require("tslab/dist/main.js").main();
