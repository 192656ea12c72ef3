/** `npm run fuzz`: broken files for each reader, which has to read or to refuse them in little time and memory. */
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { parse } from "../cli/command-line";
import { runCommand } from "../cli/run-command";
import { type Batch, caseBytes, type Finding, MOST_MS } from "./cases";
import { FORMATS } from "./formats";

const OPTIONS = [
  { name: "format", kind: "text", help: `one of ${Object.keys(FORMATS).join(", ")} (default all)` },
  { name: "cases", kind: "integer", help: "cases of each format (default 2000)" },
  { name: "seed", kind: "integer", help: "the same seed makes the same cases (default 0)" },
  { name: "out", kind: "text", help: "folder of the findings (default runs/fuzz)" },
] as const;
const BATCH = 20_000;
const HEAP = "--max-old-space-size=512";

runCommand(async (args) => {
  const given = parse(args, OPTIONS);
  const { cases = 2000, seed = 0, out = join("runs", "fuzz"), format = Object.keys(FORMATS) } = given;
  let count = 0;
  for (const name of [format].flat() as string[]) {
    if (!Object.hasOwn(FORMATS, name))
      throw new RangeError(`\`--format\`: expected ${Object.keys(FORMATS).join(", ")}.`);
    const start = performance.now();
    const findings = await fuzz({ format: name, seed: Number(seed), from: 0, count: Number(cases) });
    for (const { number, problem } of findings)
      keep(String(out), { format: name, seed: Number(seed), number, problem });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${name}: ${cases} cases, ${findings.length} findings, ${seconds} s`);
    count += findings.length;
  }
  return count === 0 ? 0 : 1;
});

/** All cases, in children; after one that hung or crashed, from the next case on. */
async function fuzz(all: Batch): Promise<Finding[]> {
  const findings: Finding[] = [];
  const folder = mkdtempSync(join(tmpdir(), "ethics-fuzz-"));
  const end = all.from + all.count;
  for (let from = all.from; from < end; ) {
    const count = Math.min(BATCH, end - from);
    const ended = await runChild({ ...all, from, count }, folder);
    findings.push(...ended);
    const broken = ended.find(({ problem }) => problem.startsWith("the process"));
    from = broken === undefined ? from + count : broken.number + 1;
  }
  rmSync(folder, { recursive: true });
  return findings;
}

/** @returns the findings of a batch, or the case at which its process had to be ended or ended itself */
function runChild(batch: Batch, folder: string): Promise<Finding[]> {
  const progress = (): string => readFileSync(join(folder, "progress"), "utf8").trim();
  writeFileSync(join(folder, "progress"), "");
  const child = fork(join(__dirname, "child.ts"), [JSON.stringify(batch), folder], {
    execArgv: ["--import", "tsx", HEAP],
  });
  let [last, since] = ["", performance.now()];
  const watch = setInterval(() => {
    const now = progress();
    if (now !== last || now === "") [last, since] = [now, performance.now()];
    else if (performance.now() - since > 2 * MOST_MS) child.kill("SIGKILL");
  }, 250);
  return new Promise((resolve) => {
    let findings: Finding[] | undefined;
    child.on("message", (message) => {
      findings = message as Finding[];
    });
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      const number = Number(progress() || batch.from);
      resolve(findings ?? [{ number, problem: `the process ended with ${signal ?? code}` }]);
    });
  });
}

/** Writes a case beside the problem that it made. */
function keep(out: string, { problem, number, ...of }: Finding & { format: string; seed: number }): void {
  mkdirSync(out, { recursive: true });
  const name = join(out, `${of.format}-${of.seed}-${number}`);
  writeFileSync(`${name}${extname(FORMATS[of.format]?.file ?? "")}`, caseBytes(of, number));
  writeFileSync(`${name}.txt`, `${problem}\n`);
  console.error(`${name}: ${problem.split("\n", 3).join(" ")}`);
}
