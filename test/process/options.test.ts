/** No option is ignored: unknown names and wrong kinds are refused by every public function that takes options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AutoModelForSequenceClassification,
  AutoTokenizer,
  beforeAfterBars,
  calibration,
  chooseSources,
  EarlyStoppingCallback,
  exportOnnx,
  Figure,
  getPeftModel,
  LoraConfig,
  loadDataset,
  modelCard,
  openRun,
  PeftModel,
  pushToHub,
  reopenRun,
  resolveDataset,
  resolveModel,
  rowsWithinBudget,
  SequenceClassifier,
  show,
  sweep,
  sweepHeatmap,
  Trainer,
  tokenizeDataset,
  tokenizeRanking,
} from "../../lib/index";
import { nearestName } from "../../lib/process/options";

// biome-ignore lint/suspicious/noExplicitAny: as from JavaScript, where no compiler looks
type Any = any;
const DEMO = "data/demo/model";
const nothing = undefined as Any;

/** What each function is called with, by the wrong option and what the error must say. */
const CALLS: readonly [string, Record<string, unknown>, RegExp, (options: Any) => unknown][] = [
  [
    "fromPretrained",
    { num_labels: 3 },
    /`num_labels`.*`numLabels`\?/,
    (o) => AutoModelForSequenceClassification.fromPretrained(DEMO, o),
  ],
  ["fromPretrained of a folder", { num_labels: 3 }, /`numLabels`\?/, (o) => SequenceClassifier.fromPretrained(DEMO, o)],
  ["LoraConfig", { lora_alpha: 8 }, /`lora_alpha`.*`loraAlpha`\?/, (o) => new LoraConfig(o)],
  ["LoraConfig, a typing error", { targetModule: ["query"] }, /`targetModules`\?/, (o) => new LoraConfig(o)],
  [
    "LoraConfig, a field of PEFT",
    { useQalora: true },
    /`useQalora`: not an option of LoraConfig: .*GPTQ/,
    (o) => new LoraConfig(o),
  ],
  ["getPeftModel", { sede: 1 }, /`seed`\?/, (o) => getPeftModel(nothing, nothing, o)],
  [
    "PeftModel.fromPretrained",
    { is_trainable: true },
    /`isTrainable`\?/,
    (o) => PeftModel.fromPretrained(nothing, "", o),
  ],
  ["AutoTokenizer", { offLine: true }, /`offline`\?/, (o) => AutoTokenizer.fromPretrained(DEMO, o)],
  ["resolveModel", { revison: "main" }, /`revision`\?/, (o) => resolveModel(DEMO, o)],
  ["resolveDataset", { confg: "justice" }, /`config`\?/, (o) => resolveDataset("data/demo/ethics", o)],
  ["loadDataset", { text_column: "review" }, /`textColumn`\?/, (o) => loadDataset("data/demo/ethics", o)],
  ["chooseSources", { Demo: true }, /`demo`\?/, (o) => chooseSources(o)],
  ["tokenizeDataset", { text_pair: "b" }, /`textPair`\?/, (o) => tokenizeDataset(nothing, nothing, o)],
  ["tokenizeRanking", { beter: "a" }, /`better`\?/, (o) => tokenizeRanking(nothing, nothing, o)],
  ["Trainer", { train_dataset: 1, args: {} }, /`trainDataset`\?/, (o) => new Trainer(o)],
  [
    "TrainingArguments",
    { outputDir: "a", learning_rate: 1 },
    /`learningRate`\?/,
    (args) => new Trainer({ args } as Any),
  ],
  ["EarlyStoppingCallback", { patiense: 2 }, /`patience`\?/, (o) => new EarlyStoppingCallback(o)],
  ["rowsWithinBudget", { batch_size: 2 }, /`batchSize`\?/, (o) => rowsWithinBudget(o)],
  ["exportOnnx", { dtype: ["fp32"] }, /`dtypes`\?/, (o) => exportOnnx(nothing, nothing, "", o)],
  ["pushToHub", { commit_message: "a" }, /`commitMessage`\?/, (o) => pushToHub("", "", o)],
  ["show", { row: 3 }, /`rows`\?/, (o) => show([], o)],
  ["Figure", { plotly: {}, txt: "" }, /`text`\?/, (o) => new Figure(o)],
  ["beforeAfterBars", { label: 3 }, /`labels`\?/, (o) => beforeAfterBars([], o)],
  ["calibration", { bin: 3 }, /`bins`\?/, (o) => calibration(nothing ?? { predictions: [], labels: [] }, o)],
  ["modelCard", { label_names: [] }, /`labelNames`\?/, (o) => modelCard(nothing, o)],
  ["sweep", { grids: {} }, /`grid`\?/, (o) => sweep(o)],
  ["a sweep's grid", { ranks: [4] }, /`rank`\?/, (grid) => sweep({ grid, out: "runs/none" })],
  [
    "a sweep's parameters",
    { learning_rate: 1 },
    /`learningRate`\?/,
    (parameters) => sweep({ grid: { rank: [4] }, out: "runs/none", parameters }),
  ],
  ["sweepHeatmap", { X: "rank" }, /`x`\?/, (o) => sweepHeatmap(nothing, o)],
  ["openRun", { train_limit: 3 }, /`trainLimit`\?/, (o) => openRun(o)],
  ["reopenRun", { limits: 3 }, /`limit`\?/, (o) => reopenRun("runs/none", o)],
];

for (const [name, wrong, expected, call] of CALLS) {
  test(`${name} refuses an unknown option and names the nearest one`, async () => {
    const error = { name: "RangeError", message: expected };
    await assert.rejects(async () => call(wrong), error);
    await assert.rejects(async () => call({ ...wrong }), error);
  });
}

test("a tokenizer refuses options of Python's that it does not have, with the reason", async () => {
  const tokenizer = (await AutoTokenizer.fromPretrained(DEMO)) as Any;
  assert.throws(
    () => tokenizer("a", { maxLength: 4 }),
    /`maxLength`: not an option of the tokenizer: .*modelMaxLength/,
  );
  assert.throws(() => tokenizer("a", { max_length: 4 }), /`max_length`: not an option/);
  assert.throws(() => tokenizer("a", { trunctation: true }), /`truncation`\?/);
  assert.throws(
    () => tokenizer("a", { truncation: "longest_first" }),
    /`truncation`: expected true or false, got 'longest_first'/,
  );
  assert.throws(() => tokenizer.decode([1], { skip_special_tokens: true }), /`skipSpecialTokens`\?/);
});

test("a value of another kind is refused, not read as something else", () => {
  const args = (more: object): unknown => new Trainer({ args: { outputDir: "runs/none", ...more } } as Any);
  assert.throws(() => args({ greaterIsBetter: "no" }), /`greaterIsBetter`: expected true or false, got 'no'/);
  assert.throws(() => args({ loggingFirstStep: 1 }), /`loggingFirstStep`: expected true or false, got 1/);
  assert.throws(() => args({ labelNames: "labels" }), /`labelNames`: expected a list, got 'labels'/);
  assert.throws(() => args({ learningRate: "5e-5" }), /`learningRate`: expected a number, got '5e-5'/);
  assert.throws(() => args({ seed: null }), /`seed`: expected a number, got null/);
  assert.throws(() => new LoraConfig({ useRslora: "yes" } as Any), /`useRslora`: expected true or false, got 'yes'/);
  assert.throws(
    () => new LoraConfig({ targetModules: 3 } as Any),
    /`targetModules`: expected a list or a string, got 3/,
  );
  assert.throws(() => new LoraConfig("SEQ_CLS" as Any), /`LoraConfig`: expected an object of options, got 'SEQ_CLS'/);
  assert.throws(() => new LoraConfig(null as Any), /`LoraConfig`: expected an object of options, got null/);
});

test("an option that is undefined counts as left out, and an unknown one is refused even then", () => {
  assert.equal(new LoraConfig({ r: undefined } as Any).r, 8);
  assert.throws(() => new LoraConfig({ rank: undefined } as Any), /`rank`/);
});

test("the nearest name is one that differs little, in spelling or in Python's underscores", () => {
  assert.equal(nearestName("lora_alpha", ["loraAlpha", "alphaPattern"]), "loraAlpha");
  assert.equal(nearestName("learningrat", ["learningRate", "seed"]), "learningRate");
  assert.equal(nearestName("colour", ["learningRate", "seed"]), undefined);
  assert.equal(nearestName("x".repeat(1e6), ["learningRate"]), undefined);
});
