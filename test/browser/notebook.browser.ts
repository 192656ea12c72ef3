/** The notebook in JupyterLab, as a person uses it: run all, stop and go on, change a number and run all again. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Given } from "../../scripts/cli/command-line";
import { type Cell, parametrise, readNotebook, sourceOf, writeNotebook } from "../../scripts/notebook/notebook";
import type { CellState } from "./in-page";
import { LabPage } from "./lab-page";
import { LabServer } from "./lab-server";
import { fits } from "./paper";

const root = join(__dirname, "../..");
/** Git-ignored, and kept: to be looked at. */
const pictures = join(root, "runs/browser");
/** The evaluations are small, the training long enough to be watched and to be stopped in the middle. */
const base = { demo: true, offline: true, trainLimit: 3000, evalLimit: 120 };
const STEPS = 750;
const PLOTLY = "application/vnd.plotly.v1+json";
const TIMEOUT = { timeout: 600_000 };

const folder = mkdtempSync(join(tmpdir(), "ethics-browser-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const run = (name: string, ...file: string[]): string => join(folder, "runs", name, ...file);
let server: LabServer;
let page: LabPage;
/** Tensors alive at the end of each run of all cells. */
const tensors: number[] = [];

async function open(): Promise<void> {
  for (const name of ["dist", "data"]) symlinkSync(join(root, name), join(folder, name));
  mkdirSync(join(folder, "notebooks"));
  const notebook = parametrise(readNotebook(join(root, "notebooks/ethics.ipynb")), { ...base, out: "../runs/whole" });
  writeNotebook(join(folder, "notebooks/ethics.ipynb"), notebook);
  server = await LabServer.start(folder);
  page = await told(() => LabPage.open(server.notebookUrl, pictures));
}

async function close(): Promise<void> {
  await page?.close();
  await server?.stop();
}

test("the notebook in JupyterLab", TIMEOUT, async (context) => {
  context.after(close);
  await open();
  let failed = false;
  const scene = (name: string, play: (context: TestContext) => Promise<void>): Promise<void> =>
    context.test(name, async (inner) => {
      if (failed) return inner.skip("the scene before failed");
      failed = true;
      await told(() => play(inner));
      failed = false;
    });
  await scene("run all: live progress, results, figures that answer the mouse, both themes", runAll);
  await scene("Shift-Tab tells options and defaults, an error the cell's line", ask);
  await scene("stop in the middle of training: the next cells are dropped; resumed it ends as if never stopped", stop);
  await scene("another rank in the same kernel: run all works again", changeRank);
  await context.test("runs in one kernel leave no tensors behind", { skip: failed }, (inner) => {
    inner.diagnostic(`tensors after each run of all cells: ${tensors.join(", ")}`);
    assert.equal(tensors[2], tensors[1], "tensors after the third and the second run of all cells");
  });
});

/** Adds to an error what server, kernel and page said. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await page?.picture("failed").catch(() => undefined);
    const complaints = page?.complaints.length ? `\nErrors of the page:\n${page.complaints.join("\n")}` : "";
    const where = `\nScreenshot: ${join(pictures, "failed.png")}${complaints}\nJupyter's log:\n${server?.log}`;
    throw new Error(`${error instanceof Error ? error.stack : error}${where}`);
  }
}

const textOf = (cell: CellState): string =>
  cell.outputs.map(({ text, data }) => [text ?? data?.["text/plain"] ?? ""].flat().join("")).join("\n");

/** Nothing of the notebook prints on stderr. */
const isError = (output: CellState["outputs"][number]): boolean =>
  output.output_type === "error" || output.name === "stderr";

async function assertAllRan(): Promise<void> {
  const cells = await page.cells();
  assert.deepEqual(
    cells.filter((cell) => cell.outputs.some(isError)).map((cell) => `${cell.tag}: ${textOf(cell)}`),
    [],
    "cells with errors",
  );
  assert.deepEqual(
    cells.filter((cell) => !/^\d+$/.test(cell.prompt)).map((cell) => cell.tag),
    [],
    "cells that did not run",
  );
  tensors.push(Number(textOf(await page.runCode("console.log(memoryUse().tensors)"))));
}

/** Changes values in the cells of parameters and settings, as a person who types does. */
async function setParameters(values: Given): Promise<void> {
  const tags = ["parameters", "settings"];
  const cells = await Promise.all(
    tags.map(async (tag): Promise<Cell> => {
      const { source } = await page.cell(tag);
      return { cell_type: "code", metadata: { tags: [tag] }, source };
    }),
  );
  const changed = parametrise({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }, values);
  for (const [i, cell] of changed.cells.entries()) await page.write(tags[i] as string, sourceOf(cell));
}

/** Starts all cells and keeps the train cell on screen. */
async function watchedRun(): Promise<{ ended: Promise<boolean> }> {
  const ended = page.runAll();
  await page.watch("train");
  return { ended };
}

const trainable = async (): Promise<number> =>
  Number(/trainable params: ([\d,]+)/.exec(textOf(await page.cell("lora")))?.[1]?.replaceAll(",", ""));

async function runAll(context: TestContext): Promise<void> {
  await page.sampleStatus();
  const { ended } = await watchedRun();
  assert.equal(await ended, true, "run all cells");
  await assertBusy(context);

  const states = await page.statesSeen();
  const steps = states.flatMap((text) => new RegExp(`step (\\d+) of ${STEPS}`).exec(text)?.slice(1).map(Number) ?? []);
  context.diagnostic(`${states.length} states of the live view seen, ${new Set(steps).size} different steps`);
  assert.ok(states.length >= 10, `the live view: expected at least 10 different states on screen, got ${states}`);
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
    "steps on screen go up",
  );
  assert.ok(new Set(steps).size >= 5, `the live view: expected at least 5 different steps on screen, got ${steps}`);
  await assertAllRan();

  const metrics = JSON.parse(readFileSync(run("whole", "metrics.json"), "utf8"));
  const table = await (await page.show("compare")).waitForSelector(".jp-OutputArea-output table");
  assert.ok(await table.isVisible());
  const rows = await table.$$eval("tbody tr", (found) => found.map((row) => (row as { innerText: string }).innerText));
  assert.equal(rows.length, 1, `rows of the table of runs: ${rows}`);
  const accuracy = Number(metrics.final.accuracy).toFixed(4);
  assert.ok(
    rows.some((row) => row.includes(accuracy)),
    `table of runs: expected ${accuracy} in ${rows}`,
  );

  const cells = await page.cells();
  const figures = cells.filter((cell) => cell.outputs.some(({ data }) => data && PLOTLY in data)).map(({ tag }) => tag);
  for (const theme of ["Light", "Dark"] as const) {
    await page.theme(theme);
    for (const { tag, outputs } of cells) {
      if (outputs.length === 0) continue;
      assert.deepEqual(await page.faintTexts(tag), [], `${theme} theme: texts of \`${tag}\` that are hard to read`);
      await page.picture(`${theme}-${tag}`.toLowerCase(), tag);
    }
    await page.picture(theme.toLowerCase());
    for (const tag of ["train", ...figures]) await assertPapers(tag, theme);
  }
  assert.ok(figures.length > 0, "cells with a figure");
  for (const tag of figures) {
    const { width, height, label } = await page.enterFigure(tag);
    await page.picture(`hover-${tag}`, tag);
    await assertPapers(tag, "Dark");
    assert.ok(width > 300 && height > 250, `\`${tag}\`: a figure of ${width} × ${height} pixels`);
    assert.match(label, /\d/, `\`${tag}\`: the label of the value under the mouse`);
  }
  assert.deepEqual(page.complaints, [], "errors of the page");
}

/** Whatever is drawn has the theme's paper. */
async function assertPapers(tag: string, theme: "Light" | "Dark"): Promise<void> {
  const papers = await page.papers(tag);
  const fit = papers.every((paper) => fits(paper, theme === "Dark" ? "dark" : "light"));
  assert.ok(
    papers.length > 0 && fit,
    `${theme} theme: colours behind the pictures of \`${tag}\`: ${papers.join("; ")}`,
  );
}

/** While a cell ran, everything that tells the kernel's state said busy. */
async function assertBusy(context: TestContext): Promise<void> {
  const samples = await page.statusSamples();
  assert.ok(samples.length >= 40, `${samples.length} samples of the kernel's status`);
  for (const name of ["kernel", "circle", "icon"] as const) {
    const busy = samples.filter((sample) => sample[name] === "busy").length / samples.length;
    context.diagnostic(`${name}: busy in ${(100 * busy).toFixed(1)} % of ${samples.length} samples while a cell ran`);
    assert.ok(busy >= 0.95, `${name}: ${JSON.stringify(samples.map((sample) => sample[name]))}`);
  }
}

async function ask(): Promise<void> {
  for (const [name, words] of [
    ["LoraConfig", "Rank of the two matrices (default 8)"],
    ["Trainer", "Passes over the training rows (default 3)"],
    ["show", "Rows shown at most (default 5"],
  ] as const) {
    const help = await page.help(name);
    assert.ok(help.replace(/\s+/g, " ").includes(words), `Shift-Tab on ${name}: ${help}`);
  }
  const flood = await page.runCode("for (let i = 0; i < 20_000; i++) console.log(i);");
  assert.equal(textOf(flood).split("\n").length, 20_001, "lines of a flood");
  const { outputs } = await page.runCode('const sum = 1;\nthrow new RangeError("no");', "error");
  const [{ output_type, evalue, traceback = [] } = { output_type: "none" }, ...more] = outputs;
  assert.deepEqual([output_type, evalue, more], ["error", "no", []]);
  assert.match(traceback.join("\n"), /line 2, column 7/);
}

async function stop(context: TestContext): Promise<void> {
  await setParameters({ out: "../runs/stopped" });
  const { ended } = await watchedRun();
  await page.untilSeen(new RegExp(`step [1-9]\\d\\d of ${STEPS}`));
  await page.stop();
  assert.equal(await ended, false, "run all cells");
  const cells = await page.cells();
  const dropped = cells.slice(1 + cells.findIndex(({ tag }) => tag === "train"));
  assert.ok(dropped.length > 0 && dropped.every(({ outputs }) => outputs.length === 0), "cells behind the training");
  const [, step] = /^stopped at step (\d+)\. Go on with `resume: true`/m.exec(textOf(await page.cell("train"))) ?? [];
  context.diagnostic(`stopped after step ${step} of ${STEPS}`);
  assert.ok(Number(step) < STEPS, `\`train\`: expected to be stopped, got:\n${textOf(await page.cell("train"))}`);
  assert.deepEqual(readdirSync(run("stopped", "checkpoints")), [`checkpoint-${step}`]);

  await setParameters({ resume: true });
  assert.equal(await page.runAll(), true, "run all cells");
  await assertAllRan();
  const files = readdirSync(run("whole", "adapter")).sort();
  assert.deepEqual(readdirSync(run("stopped", "adapter")).sort(), files);
  // The cards tell how long each took.
  for (const name of files.filter((name) => name !== "README.md")) {
    const [whole, again] = [run("whole", "adapter", name), run("stopped", "adapter", name)].map((f) => readFileSync(f));
    assert.ok(again && whole?.equals(again), `${name}: expected the same bytes as without the stop`);
  }
}

async function changeRank(): Promise<void> {
  const before = await trainable();
  await setParameters({ rank: 16, alpha: 32, resume: false });
  assert.equal(await page.runAll(), true, "run all cells");
  await assertAllRan();
  assert.equal(await trainable(), 2 * before);
  const config = JSON.parse(readFileSync(run("stopped", "adapter", "adapter_config.json"), "utf8"));
  assert.deepEqual([config.r, config.lora_alpha], [16, 32]);
  // The table of the notebook's own cell has both runs.
  const compared = textOf(await page.cell("compare"));
  for (const row of [/^.*\bstopped\b.* 16 .*32 /m, /^.*\bearlier\/1\b.* 8 .*8 /m]) assert.match(compared, row);
}
