/** What the kernel does when it cannot begin. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { inProject } from "../../scripts/setup/project.mjs";
import { temporaryFolder } from "../support/folders";

test("a kernel whose port is taken says so and ends", { timeout: 30_000 }, async (context) => {
  const other = createServer().listen(0, "127.0.0.1");
  context.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const file = join(temporaryFolder(), "connection.json");
  const ports = { shell_port: port, control_port: port, iopub_port: port, stdin_port: port, hb_port: port };
  writeFileSync(file, JSON.stringify({ ...ports, transport: "tcp", ip: "127.0.0.1", key: "a key of the test" }));
  const kernel = spawn(process.execPath, [inProject("scripts/notebook/tslab.mjs"), file]);
  context.after(() => kernel.kill("SIGKILL"));
  const [said, [code]] = await Promise.all([text(kernel.stderr), once(kernel, "exit")]);
  assert.equal(code, 1);
  assert.match(said, /Address already in use/);
});
