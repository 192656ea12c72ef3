/** Makes the page of a finished run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import { runPaths } from "../../lib/runs/run-folder";
import { openFinishedRun } from "../cli/open-run";
import { shownPath } from "../cli/paths";
import { pageHtml } from "./write";

/** Texts of this length are easy to read at a glance, and to change. */
const SHORT = 120;

/** @throws {RangeError} the model is none for a page */
export async function writePage(folder: string, out: string, title: string): Promise<void> {
  const { run, dataset, task } = await openFinishedRun(folder);
  const texts = task.texts(dataset.get(run.evalSplit)).filter((text): text is string => typeof text === "string");
  const { adapter } = runPaths(folder);
  const html = await pageHtml({
    title,
    ...{ model: run.model, modelOptions: run.modelOptions, adapter, labelNames: task.labelNames },
    examples: texts.filter((text) => text.length <= SHORT).slice(0, 4),
    card: readFileSync(join(adapter, "README.md"), "utf8").replace(/^---\n[\s\S]*?\n---\n/, ""),
  });
  writeFileAtomic(out, html);
  console.log(`  ${shownPath(out)} (${(html.length / 1e6).toFixed(1)} MB)`);
}
