import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type KillableRun, killAndResume, randomMoments, runProcess } from "../../scripts/checks/killed-run";
import { temporaryFolder } from "../support/folders";
import { checkpointBytes } from "../support/training";

const EPOCHS = Number(process.env.KILL_EPOCHS ?? 15);
const SAVE_STEPS = Number(process.env.KILL_SAVE_STEPS ?? 5);
const LAST = `checkpoint-${4 * EPOCHS}`;

/** What was logged, and what callbacks keep; without what a clock decides. */
function historyOf(folder: string): unknown {
  const { log_history, stateful_callbacks, best_metric, best_global_step } = JSON.parse(
    readFileSync(join(folder, LAST, "trainer_state.json"), "utf8"),
  );
  const timeless = log_history.map((entry: Record<string, number>) =>
    Object.entries(entry).filter(([key]) => !/runtime|second/.test(key)),
  );
  return { timeless, stateful_callbacks, best_metric, best_global_step };
}

/** Training in processes of its own, in a folder. */
function trainingIn(folder: string): KillableRun {
  const given = [join(__dirname, "../support/training-child.ts"), folder, `${EPOCHS}`, `${SAVE_STEPS}`];
  return {
    log: join(folder, "log.jsonl"),
    start(isKilled) {
      const command = ["--import", "tsx", ...given, ...(isKilled ? ["wait"] : [])];
      return spawn(process.execPath, command, { stdio: ["ignore", "ignore", "pipe"] });
    },
  };
}

test("a run that is killed at random moments and resumed ends byte for byte like one that was not", async (context) => {
  const [whole, killed] = [temporaryFolder(), temporaryFolder()];
  const kills = Number(process.env.KILLS ?? 2);
  const seed = Number(process.env.KILL_SEED ?? 1);
  context.diagnostic(`KILL_SEED ${seed}`);
  await runProcess(trainingIn(whole));
  const starts = await killAndResume(
    trainingIn(killed),
    randomMoments(kills, { first: SAVE_STEPS + 1, end: 4 * EPOCHS }, seed),
  );
  context.diagnostic(`started from steps ${starts.join(", ")}`);
  assert.ok(
    starts.slice(1).some((step) => step > 0),
    `resumed from ${starts}`,
  );
  assert.deepEqual(checkpointBytes(join(killed, LAST)), checkpointBytes(join(whole, LAST)));
  assert.deepEqual(historyOf(killed), historyOf(whole));
});
