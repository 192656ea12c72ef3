/** The web page that a run makes of its notebook: readable for everybody, in both themes, without a network. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { beforeAfterBars } from "../../lib/report/charts/bars";
import { liveCurveImage } from "../../lib/report/charts/live-curve";
import { answerRows, attributionHtml } from "../../lib/report/tables/answers";
import { recordsTable, tableHtml } from "../../lib/report/tables/table";
import { writeNotebook } from "../../scripts/notebook/notebook";
import { inProject, paths } from "../../scripts/setup/project.mjs";
import { temporaryFolder } from "../support/folders";
import { launchChromium } from "./lab-page";
import { fits, paperOf } from "./paper";

/** Git-ignored, and kept: to be looked at. */
const pictures = inProject("runs", "browser");

/** What is read of axe's report. */
interface AxeReport {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
  passes: { id: string }[];
}

const markdown = (source: string): object => ({ cell_type: "markdown", metadata: {}, source });
const code = (source: string, count: number, ...outputs: object[]): object => {
  return { cell_type: "code", metadata: {}, execution_count: count, source, outputs };
};
const shown = (data: object, metadata = {}): object => ({ output_type: "display_data", data, metadata });

/** A notebook with each kind of cell and output that the project's own have. */
async function smallNotebook(): Promise<object> {
  const sentence = "I was sad. I comforted the girl.";
  const answer = { label: "POSITIVE", score: 0.932, probabilities: [0.068, 0.932] };
  const words = ["I was", " sad", ".", " I", " comforted", " the girl", "."];
  const tokens = words.map((text, i) => ({ text, score: Math.sin(i), special: false }));
  const points = Array.from({ length: 40 }, (_, i) => ({ step: 10 * i + 10, value: 0.7 * 0.95 ** i }));
  const curve = { maxSteps: 500, loss: points, smoothed: points, evaluations: [{ step: 400, value: 0.3 }] };
  const table = recordsTable(answerRows([sentence], { sentiment: [answer], ethics: [answer] }));
  const figure = await beforeAfterBars([{ split: "test", before: 0.62, after: 0.91 }]).bundle();
  const source = `// A comment, a number and a string.
const answers = await classify(model, tokenizer, ["${sentence}"], { batchSize: 4 });
if (answers.length > 0 && !quiet) console.log(\`\${answers.length} answers\`, /re+/.test("re"), 0.5, null, new Set());`;
  const cells = [
    markdown("# Rules & robots\n\nA layer multiplies $x$ with $W$; see [the paper](https://arxiv.org/abs/2106.09685)."),
    markdown("## Method\n\n$$y = W x + \\frac{\\alpha}{r} \\, B A x$$\n\n| part | rows |\n|---|---|\n| test | 600 |"),
    code(source, 1, { output_type: "stream", name: "stdout", text: "1 answers true 0.5 null Set(0) {}\n" }),
    code("await show(rows);", 2, shown({ "text/html": tableHtml({ ...table, index: [0], caption: "One row" }) })),
    code(
      "await show(words);",
      3,
      shown({ "text/html": attributionHtml({ ...answer, probability: 0.9, text: "", tokens }) }),
    ),
    code("await train();", 4, shown({ "text/html": liveCurveImage(curve) })),
    markdown("### Result\n\n```ts\nconst x = 1; // code in a text\n```"),
    code("await show(figure);", 5, shown(figure.data, figure.metadata)),
    code("figure", 6, shown({ "image/png": figure.data["image/png"], "text/plain": "A figure without an alt text" })),
  ];
  return { cells, metadata: { language_info: { name: "typescript" } }, nbformat: 4, nbformat_minor: 4 };
}

const folder = temporaryFolder();
const file = join(folder, "page.html");
let browser: Browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  const notebook = join(folder, "page.ipynb");
  writeNotebook(notebook, (await smallNotebook()) as Parameters<typeof writeNotebook>[1]);
  execFileSync(paths.python, [inProject("scripts", "notebook", "export.py"), notebook, file], { stdio: "inherit" });
  browser = await launchChromium();
});
after(() => browser?.close());

/** Opens the page where there is no network. @returns it, and the addresses that it asked for beside its own */
async function open(colorScheme: "light" | "dark", width = 1200): Promise<{ page: Page; asked: string[] }> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, offline: true });
  const page = await context.newPage();
  const asked: string[] = [];
  const own = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== own && !request.url().startsWith("data:")) asked.push(request.url());
  });
  await page.goto(own);
  return { page, asked };
}

for (const [scheme, width] of [
  ["light", 1200],
  ["dark", 1200],
  ["light", 400],
] as const) {
  test(`axe has no findings in the ${scheme} page, ${width} pixels wide, and the page asks for nothing`, async () => {
    const { page, asked } = await open(scheme, width);
    await page.screenshot({ path: join(pictures, `page-${scheme}-${width}.png`), fullPage: true });
    assert.deepEqual(asked, []);
    assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= width, "nothing is wider");
    await page.addScriptTag({ path: require.resolve("axe-core") });
    const { violations, passes } = (await page.evaluate("axe.run(document)")) as AxeReport;
    assert.ok(
      passes.some(({ id }) => id === "color-contrast"),
      "axe has looked at colours",
    );
    assert.deepEqual(
      violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes.map(({ html }) => html)}`),
      [],
    );
  });
}

test("the page has a language, the notebook's title, one main part, headings in order and no script", async () => {
  const { page } = await open("light");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.title(), "Rules & robots");
  assert.equal(await page.locator("main").count(), 1);
  assert.equal(await page.locator("script").count(), 0);
  const headings = await page.$$eval("h1, h2, h3, h4", (found) => found.map(({ tagName }) => tagName));
  assert.deepEqual(headings, ["H1", "H2", "H3"]);
});

test("every picture has a text that says what it shows", async () => {
  const { page } = await open("light");
  const texts = await page.$$eval("img", (found) => found.map((image) => image.getAttribute("alt")));
  assert.equal(texts.length, 3);
  assert.match(texts[0] ?? "", /^Loss over 500 training steps: smoothed 0\.7000 at step 10, /);
  assert.equal(texts[1], "Accuracy before and after training; test: 62.0 % before, 91.0 % after");
  assert.equal(texts[2], "A figure without an alt text");
});

test("formulas are drawn by the browser itself, small ones in the line and large ones in a line of their own", async () => {
  const { page } = await open("light");
  const formulas = await page.$$eval("math", (found) =>
    found.map((formula) => ({
      display: formula.getAttribute("display"),
      height: formula.getBoundingClientRect().height,
    })),
  );
  assert.deepEqual(
    formulas.map(({ display }) => display),
    ["inline", "inline", "block"],
  );
  assert.ok(formulas.every(({ height }) => height > 5));
  assert.ok((formulas[2]?.height ?? 0) > 1.5 * (formulas[0]?.height ?? 0), "the fraction is higher than a letter");
  assert.doesNotMatch((await page.locator(".jp-MarkdownCell").allInnerTexts()).join(), /\$|frac/);
});

test("the dark page is dark, also where figures are", async () => {
  const { page } = await open("dark");
  assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(17, 17, 17)");
  for (const [name, selector] of [
    ["figure", ".jp-RenderedImage img"],
    ["curve", ".jp-RenderedHTML img"],
  ] as const) {
    const element = await page.waitForSelector(selector);
    await element.screenshot({ path: join(pictures, `page-${name}-dark.png`) });
    const paper = await paperOf(page, element);
    assert.ok(fits(paper, "dark"), `the ${name}'s paper: ${paper}`);
  }
});
