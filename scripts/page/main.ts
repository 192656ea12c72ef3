/** `npm run page`: makes one HTML file of a finished run with a small model, which opens by double click. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import { runPaths } from "../../lib/runs/run-folder";
import { helpLine, type Option, parse } from "../cli/command-line";
import { openFinishedRun } from "../cli/open-run";
import { callerFolder, shownPath } from "../cli/paths";
import { runCommand } from "../cli/run-command";
import { pageHtml } from "./write";

const OPTIONS: readonly Option[] = [
  { name: "run", kind: "text", required: true, help: "the folder of a finished run", placeholder: "DIR" },
  { name: "out", kind: "text", help: "the page; default page.html in the run's folder", placeholder: "FILE" },
  { name: "title", kind: "text", help: "its title", placeholder: "TEXT" },
  { name: "help", kind: "flag", help: "print this" },
];
const HELP = ["npm run page -- --run DIR [options]     a page that judges texts, before and after", ""];

/** Texts of this length are easy to read at a glance, and to change. */
const SHORT = 120;

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log([...HELP, ...OPTIONS.map(helpLine)].join("\n"));
    return 0;
  }
  const typed = parse(args, OPTIONS);
  const folder = resolve(callerFolder(), String(typed.run));
  const { run, dataset, task } = await openFinishedRun(folder);
  const texts = task.texts(dataset.get(run.evalSplit)).filter((text): text is string => typeof text === "string");
  const { adapter } = runPaths(folder);
  const html = await pageHtml({
    title: String(typed.title ?? "Before and after LoRA"),
    ...{ model: run.model, modelOptions: run.modelOptions, adapter, labelNames: task.labelNames },
    examples: texts.filter((text) => text.length <= SHORT).slice(0, 4),
    card: readFileSync(join(adapter, "README.md"), "utf8").replace(/^---\n[\s\S]*?\n---\n/, ""),
  });
  const out = resolve(callerFolder(), String(typed.out ?? join(folder, "page.html")));
  writeFileAtomic(out, html);
  console.log(`  ${shownPath(out)} (${(html.length / 1e6).toFixed(1)} MB)`);
  return 0;
}

if (require.main === module) runCommand(main);
