/** The program of a worker: it joins the others, trains its share and ends. */
import { join } from "node:path";
import { readJson } from "../../files/json";
import { WorkerGroup, WorkerLost } from "../../parallel/group";
import type { EndMessage } from "../../parallel/processes";
import { nodeBackend } from "../../tensor/raw-op";
import { Trainer } from "../trainer";
import { readJob } from "./job";
import type { WorkerStart } from "./messages";
import { Parent, seatOf } from "./parent";

async function work(parent: Parent, { job: given = "", resumeFrom, ...start }: WorkerStart): Promise<void> {
  const group = await WorkerGroup.join(start);
  await group.agree("the versions", versions(), "Install the same on all machines.");
  const folder = await group.folderFromFirst(given);
  const resume = await group.fromFirst(resumeFrom);
  const { hasMetrics, ...job } = await readJob(folder);
  const stopped = new AbortController();
  const seat = seatOf(parent, group, () => stopped.abort());
  const own = hasMetrics ? seat : { ...seat, computeMetrics: async () => ({}) };
  const trainer = new Trainer({ ...job, signal: stopped.signal, seat: own });
  const output = await trainer.train({ resumeFromCheckpoint: resume });
  if (!group.isFirst) return;
  job.model.savePretrained(join(folder, "result"));
  await parent.tell({ kind: "output", output, state: trainer.state });
}

function versions(): string {
  const { version } = readJson(join(__dirname, "../../../package.json"));
  return `${version} with TensorFlow ${nodeBackend().binding.TF_Version}`;
}

async function main(): Promise<void> {
  const start = JSON.parse(process.argv[2] ?? "{}") as WorkerStart;
  const parent = new Parent();
  if (start.index === 0) parent.showWarnings();
  let end: EndMessage = { end: "done" };
  try {
    await work(parent, start);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    end = { end: "failed", message, isLost: error instanceof WorkerLost };
  }
  await parent.tell(end);
  // At once: the others' connections would keep the process alive.
  process.exit(end.end === "done" ? 0 : 1);
}

void main();
