/** What ONNX Runtime makes of exported models, beside the answers of torch in the fixtures. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Dataset } from "../../lib/data/dataset";
import { AutoTokenizer, type Tokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadDataset } from "../../lib/ethics/load-dataset";
import { argmax } from "../../lib/evaluate/metrics";
import { predictLogits } from "../../lib/evaluate/predict";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel, PeftModel } from "../../lib/lora/peft-model";
import { AutoModelForSequenceClassification } from "../../lib/model/auto";
import type { SequenceClassifier } from "../../lib/model/classifier";
import type { Batch } from "../../lib/model/packing";
import { exportOnnx } from "../../lib/onnx/export";
import type { OnnxDtype } from "../../lib/onnx/storage";
import { temporaryFolder } from "../support/folders";
import {
  type AdaptersFixture,
  assertClose,
  CASES,
  type CaseName,
  caseFile,
  type ForwardFixture,
  fixture,
  forwardBatches,
  loadModel,
  logitsOf,
  readFixture,
  toBatch,
} from "../support/golden";
import { loadOrt, type Ort, type OrtSession, type OrtTensor, onnxLogits, openOnnx } from "../support/onnx";
import { LOGITS } from "../support/tolerances";

const ort = loadOrt();
const root = join(__dirname, "..", "..");
const demo = join(root, "data", "demo", "model");
let tokenizer: Tokenizer;

/** A test that needs the runtime; it is skipped, and says why, where there is none. */
function withOrt(title: string, body: (ort: Ort, t: TestContext) => Promise<void>): void {
  test(title, { skip: typeof ort === "string" ? ort : false }, async (t) => {
    tokenizer ??= await AutoTokenizer.fromPretrained(demo);
    await body(ort as Ort, t);
  });
}

type Ask = (batches: readonly Batch[]) => Promise<number[][][]>;

function asker(ort: Ort, session: OrtSession, padTokenId: number, adapter?: Record<string, OrtTensor>): Ask {
  return async (batches) => {
    const all: number[][][] = [];
    for (const batch of batches)
      all.push(await onnxLogits(ort, session, batch, { padTokenId, ...(adapter && { adapter }) }));
    return all;
  };
}

/** Exports a model in one number format, and answers by it. */
async function exported(ort: Ort, model: SequenceClassifier | PeftModel, dtype: OnnxDtype = "fp32"): Promise<Ask> {
  const [file = ""] = exportOnnx(model, tokenizer, temporaryFolder(), { dtypes: [dtype] });
  return asker(ort, await openOnnx(ort, file), model.config.padTokenId);
}

/** An exported model whose adapters are inputs, in the runtime. */
interface Apart {
  session: OrtSession;
  /** What the runtime takes for the adapter in a folder. */
  inputs: (adapterFolder: string) => Record<string, OrtTensor>;
  /** Answers by the model with the adapter that was exported beside it, and with one of rank 0. */
  on: Ask;
  off: Ask;
}

async function exportedApart(ort: Ort, model: PeftModel): Promise<Apart> {
  const { applyAdapter, withoutUpdate } = await import("../../docs/onnx/apply-adapter.mjs");
  const folder = temporaryFolder();
  const [file = ""] = exportOnnx(model, tokenizer, folder, { dtypes: ["fp32"], lora: "inputs" });
  const inputs: Apart["inputs"] = (adapterFolder) => {
    const config = JSON.parse(readFileSync(join(adapterFolder, "adapter_config.json"), "utf8"));
    const { buffer } = Uint8Array.from(readFileSync(join(adapterFolder, "adapter_model.safetensors")));
    return applyAdapter(ort, config, buffer) as Record<string, OrtTensor>;
  };
  const session = await openOnnx(ort, file);
  const adapter = inputs(join(folder, "adapter"));
  const { padTokenId } = model.config;
  return {
    session,
    inputs,
    on: asker(ort, session, padTokenId, adapter),
    off: asker(ort, session, padTokenId, withoutUpdate(ort, adapter) as Record<string, OrtTensor>),
  };
}

for (const name of CASES) {
  withOrt(`${name}: ONNX Runtime gives the reference's logits, with and without the adapter`, async (ort) => {
    const batches = forwardBatches(name);
    const model = await loadModel(name);
    const plain = await exported(ort, model);
    assertClose(
      await plain(batches.map(toBatch)),
      batches.map(({ logits }) => logits),
      { absolute: LOGITS },
    );
    const answers = readFixture<AdaptersFixture>("cases", name, "adapters.json");
    const expected = answers.logits_adapter_random;
    const peftModel = await PeftModel.fromPretrained(model, caseFile(name, "adapter_random"));
    const adapted = await exported(ort, peftModel);
    assertClose(await adapted(batches.slice(0, expected.length).map(toBatch)), expected, { absolute: LOGITS });
    const { on } = await exportedApart(ort, peftModel);
    assertClose(await on(batches.slice(0, expected.length).map(toBatch)), expected, { absolute: LOGITS });
  });
}

for (const name of readdirSync(fixture("lora")).filter((name) => !name.endsWith(".json"))) {
  withOrt(`${name}: ONNX Runtime gives the logits of PEFT's adapter`, async (ort, t) => {
    t.mock.method(console, "warn", () => undefined);
    const answers = readFixture<{ case: CaseName; logits: number[][][]; disabled: number[][][] }>(
      "lora",
      name,
      "answers.json",
    );
    const model = await PeftModel.fromPretrained(await loadModel(answers.case), fixture("lora", name));
    const batches = forwardBatches(answers.case).slice(0, answers.logits.length).map(toBatch);
    const ask = await exported(ort, model);
    assertClose(await ask(batches), answers.logits, { absolute: LOGITS }, "merged");
    if (/dora|lora-bias/.test(name)) {
      await assert.rejects(exportedApart(ort, model), /`lora`: expected an adapter without use.*|lora.* Use "merged"/);
      return;
    }
    const { on, off } = await exportedApart(ort, model);
    assertClose(await on(batches), answers.logits, { absolute: LOGITS }, "apart");
    const isUpdateAlone = [...model.adapterParameters.keys()].every((key) => /lora_[AB]/.test(key));
    if (isUpdateAlone) assertClose(await off(batches), answers.disabled, { absolute: LOGITS }, "without the adapter");
  });
}

for (const name of readdirSync(fixture("problems"))) {
  withOrt(`${name}: ONNX Runtime gives the reference's logits`, async (ort) => {
    const { input_ids, token_type_ids, logits } = readFixture<Record<string, number[][]>>(
      "problems",
      name,
      "answers.json",
    );
    const model = await AutoModelForSequenceClassification.fromPretrained(fixture("problems", name, "model"));
    const ask = await exported(ort, model);
    const types = token_type_ids ? { tokenTypeIds: token_type_ids } : {};
    assertClose(await ask([{ inputIds: input_ids as number[][], ...types }]), [logits as number[][]], {
      absolute: LOGITS,
    });
  });
}

for (const name of readdirSync(fixture("families"))) {
  withOrt(`${name}: ONNX Runtime gives the reference's logits, with and without the adapter`, async (ort) => {
    const { batches, adapter } = readFixture<ForwardFixture & { adapter: { logits: number[][][] } }>(
      "families",
      name,
      "answers.json",
    );
    const model = await AutoModelForSequenceClassification.fromPretrained(fixture("families", name, "model"));
    const ask = await exported(ort, model);
    assertClose(
      await ask(batches.map(toBatch)),
      batches.map(({ logits }) => logits),
      { absolute: LOGITS },
    );
    const { on } = await exportedApart(
      ort,
      await PeftModel.fromPretrained(model, fixture("families", name, "adapter")),
    );
    assertClose(await on(batches.map(toBatch)), adapter.logits, { absolute: LOGITS });
  });
}

withOrt("one session answers with adapters of different ranks, one after the other", async (ort) => {
  const batches = forwardBatches("roberta-seed").map(toBatch);
  const exported = await PeftModel.fromPretrained(
    await loadModel("roberta-seed"),
    caseFile("roberta-seed", "adapter_random"),
  );
  const { session, inputs, on } = await exportedApart(ort, exported);
  const own = await on(batches);
  for (const r of [1, 5]) {
    const config = new LoraConfig({ r, loraAlpha: 20, initLoraWeights: false, alphaPattern: { "1.*query": 3 } });
    const other = getPeftModel(await loadModel("roberta-seed"), config);
    const folder = temporaryFolder();
    other.savePretrained(folder);
    const expected = await logitsOf(other, forwardBatches("roberta-seed"));
    const ask = asker(ort, session, other.config.padTokenId, inputs(folder));
    assertClose(await ask(batches), expected, { absolute: LOGITS }, `rank ${r}`);
  }
  assert.deepEqual(await on(batches), own);
});

withOrt("half and quantized weights answer the demo's 600 texts as the model does", async (ort) => {
  const { test: texts } = await loadDataset(join(root, "data", "demo", "ethics"));
  const inputIds = ((texts as Dataset).column("input") as string[]).map(
    (text) => tokenizer(text).inputIds[0] as number[],
  );
  assert.equal(inputIds.length, 600);
  const model = await AutoModelForSequenceClassification.fromPretrained(demo);
  const own = (
    await predictLogits(
      model,
      inputIds.map((ids) => ({ inputIds: ids })),
      { rows: 32 },
    )
  ).map((row) => argmax(row));
  for (const [dtype, least] of [
    ["fp32", 600],
    ["fp16", 600],
    ["q8", 594],
  ] as const) {
    const ask = await exported(ort, model, dtype);
    const answers = (await ask(inputIds.map((ids) => ({ inputIds: [ids] })))).map(([row]) => argmax(row as number[]));
    const equal = answers.filter((answer, i) => answer === own[i]).length;
    assert.ok(equal >= least, `${dtype}: ${equal} of 600 are equal`);
  }
});
