/**
 * A sweep of many trials on the stub of Ray, which is a process of its own, with every kind of failure done to 5 % of the
 * jobs: `ray-simulation.ts [trials] [slots] [milliseconds of a job]`. Prints the ends, requests, memory and time.
 */
import { fork } from "node:child_process";
import { PACE, runOnRay } from "../../lib/sweep/engines/ray/coordinator";
import { RayJobs } from "../../lib/sweep/engines/ray/jobs";
import { temporaryFolder } from "./folders";
import { FAULTS, runOf } from "./ray-run";
import { RayStub } from "./ray-stub";

const [count = 10_000, slots = 1000, duration = 20_000] = process.argv.slice(2).map(Number);

async function serve(): Promise<void> {
  // Eight of nine kinds end in another try, so each kind strikes every twentieth of all jobs.
  const stub = new RayStub({ slots, duration, fault: (_, drawn) => FAULTS[Math.floor((drawn * 7919) % 20)] });
  process.send?.(await stub.start());
  process.on("disconnect", () => process.exit());
}

async function simulate(): Promise<void> {
  // Jobs that are much shorter than real ones are looked at more often.
  PACE.round = Math.min(PACE.round, (duration ?? 0) / 20);
  const stub = fork(__filename, process.argv.slice(2), { env: { ...process.env, RAY_STUB: "1" } });
  const address = await new Promise<string>((resolve) => stub.once("message", (text) => resolve(String(text))));
  const { run, ends } = runOf(count, temporaryFolder());
  const started = performance.now();
  await runOnRay(run, { name: "ray", address, storage: temporaryFolder() });
  const all = [...ends.values()].flat();
  const by = new Map<string, number>();
  for (const how of all) by.set(how, (by.get(how) ?? 0) + 1);
  const memory = `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB at most`;
  const { sent } = RayJobs;
  console.log({ trials: ends.size, ends: all.length, by, sent, perTrial: sent / count, memory });
  console.log(`${Math.round((performance.now() - started) / 1000)} s`);
  stub.disconnect();
}

void (process.env.RAY_STUB ? serve() : simulate());
