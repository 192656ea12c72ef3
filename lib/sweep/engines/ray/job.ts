/** The program of a Ray job: runs one trial into the folder of its attempt, `job.js TASK`. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import * as path from "node:path";
import { writeFileAtomic } from "../../../files/atomic";
import { runTrial } from "../../trial";
import { SweepWorkspace } from "../../workspace";
import { ATTEMPT_FILES, type AttemptError, type AttemptTask } from "./attempt";

/** Milliseconds between two looks at whether anybody still wants the result. */
const LOOK = 2000;

/** Ends this process when the attempt was given up, or when Ray's process above it is gone. */
function endWhenUnwanted(folder: string): void {
  const parent = process.ppid;
  const look = (): void => {
    const { task, cancelled } = ATTEMPT_FILES;
    const isWanted = existsSync(path.join(folder, task)) && !existsSync(path.join(folder, cancelled));
    if (!isWanted || process.ppid !== parent) process.exit(1);
  };
  setInterval(look, LOOK).unref();
}

async function run(file: string): Promise<void> {
  const folder = path.dirname(file);
  if (!existsSync(file)) {
    throw new Error(
      `\`storage\`: expected on ${hostname()} the folder of the sweep, with ${file}, got none. Share it.`,
    );
  }
  endWhenUnwanted(folder);
  const task = JSON.parse(readFileSync(file, "utf8")) as AttemptTask;
  const workspace = new SweepWorkspace({ offline: task.offline });
  try {
    const record = await workspace.record(task.parameters);
    if (record.id !== task.id) {
      const [expected, got] = [task.versions, record.versions].map((versions) => JSON.stringify(versions));
      const message = `\`versions\`: expected on ${hostname()} those of the sweep, ${expected}, got ${got}. Install the same there.`;
      throw Object.assign(new Error(message), { kind: "node" });
    }
    if (task.baseline) workspace.knowBaseline(record, task.baseline.result, task.baseline.seconds);
    await runTrial(task.parameters, { folder: path.join(folder, ATTEMPT_FILES.result), workspace });
    writeFileAtomic(path.join(folder, ATTEMPT_FILES.complete), "");
  } catch (error) {
    const { message, kind = "trial" } = error as Partial<AttemptError> & Error;
    writeFileAtomic(path.join(folder, ATTEMPT_FILES.error), JSON.stringify({ message, kind } satisfies AttemptError));
    throw error;
  }
}

run(process.argv[2] ?? "").then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
