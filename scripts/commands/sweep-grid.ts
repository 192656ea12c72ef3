/** Runs a sweep as it was typed. */
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import { SweepProgress, sweepHeatmap } from "../../lib/report/progress/sweep-progress";
import { trialPoints } from "../../lib/sweep/parameters";
import type { SweepResult } from "../../lib/sweep/result";
import { sweep } from "../../lib/sweep/sweep";
import { deviceInfo } from "../../lib/tensor/device";
import { UsageError } from "../cli/command-line";
import { shownPath } from "../cli/paths";
import { isSmall, type SweepCommand } from "./sweep";

/** @returns the exit code: 0, 1 where trials failed, or 130 when stopped */
export async function runSweep(command: SweepCommand): Promise<number> {
  if (!isSmall(command) && deviceInfo().device !== "gpu") {
    throw new UsageError(
      "`--train-limit`, `--eval-limit`: expected both on a processor, got none. --demo sweeps on the demo, --full takes all rows.",
    );
  }
  const { help: _, full: __, ...options } = command;
  const { out } = options;
  console.log(`${trialPoints(options).length} trials in ${out}`);
  const result = await sweep({ ...options, listener: new SweepProgress() });
  if (result.stopped) {
    console.error("Stopped. The same command goes on from here.");
    return 130;
  }
  await drawHeatmap(result, out);
  console.log(`  ${shownPath(result.best?.folder ?? out)}`);
  for (const { point, reason } of result.failed) console.error(`failed: ${JSON.stringify(point)}: ${reason}`);
  return result.failed.length === 0 ? 0 : 1;
}

/** The picture wants packages that may not be installed; the trials are there in any case. */
async function drawHeatmap(result: SweepResult, out: string): Promise<void> {
  const [figure, file] = [sweepHeatmap(result), join(out, "heatmap.png")];
  console.log(`\n${figure.text}\n`);
  try {
    writeFileAtomic(file, await figure.png());
    console.log(`  ${shownPath(file)}`);
  } catch (error) {
    console.error(`No picture: ${error instanceof Error ? error.message : error}`);
  }
}
