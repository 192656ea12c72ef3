/** The page that `npm run page` makes: opened from its file, without a network. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { classify } from "../../lib/evaluate/predict";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import { SequenceClassifier } from "../../lib/model/classifier";
import { pageHtml } from "../../scripts/page/write";
import { inProject } from "../../scripts/setup/project.mjs";
import { temporaryFolder } from "../support/folders";
import { launchChromium } from "./lab-page";

const pictures = inProject("runs", "browser");
const model = inProject("data", "demo", "model");
const folder = temporaryFolder();
const file = join(folder, "page.html");
const texts: string[] = [];
let wanted: { before: number[][]; after: number[][] };
let browser: Browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  const dataset = await loadDataset(inProject("data", "demo", "ethics"));
  texts.push(...(dataset.get("test").column("input") as string[]).slice(0, 100));
  const adapter = join(folder, "adapter");
  // Matrices that are not 0, without a training.
  const peft = getPeftModel(await SequenceClassifier.fromPretrained(model), new LoraConfig({ initLoraWeights: false }));
  peft.savePretrained(adapter);
  const tokenizer = await AutoTokenizer.fromPretrained(model);
  const shares = async (): Promise<number[][]> =>
    (await classify(peft, tokenizer, texts)).map(({ probabilities }) => probabilities);
  wanted = { after: await shares(), before: await peft.disableAdapter(shares) };
  const [labelNames, card] = [["not acceptable", "acceptable"], readFileSync(join(adapter, "README.md"), "utf8")];
  writeFileSync(
    file,
    await pageHtml({ title: "A page", model, adapter, labelNames, examples: texts.slice(0, 3), card }),
  );
  browser = await launchChromium();
});

after(() => browser?.close());

async function opened(colorScheme: "light" | "dark", width: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, offline: true });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector(".answer");
  return page;
}

test("the first answer is there within two seconds, and the probabilities are the library's", async () => {
  const start = performance.now();
  const page = await opened("light", 1280);
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
  for (const which of ["before", "after"] as const) {
    const script = `${JSON.stringify(texts)}.map((text) => judge(text, "${which}"))`;
    const found = (await page.evaluate(script)) as number[][];
    const furthest = Math.max(...found.flat().map((share, i) => Math.abs(share - (wanted[which].flat()[i] as number))));
    assert.ok(furthest < 1e-4, `${furthest} ${which}`);
  }
});

for (const [scheme, width] of [
  ["light", 1280],
  ["dark", 390],
] as const) {
  test(`what is typed is judged, axe has no findings and nothing sticks out: ${scheme}, ${width} pixels wide`, async () => {
    const page = await opened(scheme, width);
    await page.fill("#text", "I comforted the girl. <b>");
    await page.waitForFunction("document.querySelectorAll('#words span').length === 5");
    assert.match((await page.textContent("#answers")) ?? "", /^before training.* sureafter training.* sure$/);
    await page.addScriptTag({ path: require.resolve("axe-core") });
    const { violations } = (await page.evaluate("axe.run()")) as { violations: object[] };
    assert.deepEqual(violations, []);
    assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= width, "nothing is wider");
    await page.screenshot({ path: join(pictures, `judge-${scheme}-${width}.png`), fullPage: true });
    await page.fill("#text", "  ");
    assert.equal(await page.textContent("#answers"), "");
  });
}
