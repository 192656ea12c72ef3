import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenizeDataset } from "../../lib/data/tokenize";
import { AutoTokenizer } from "../../lib/data/tokenizer/tokenizer";
import { loadAmbiguous, loadEthics } from "../../lib/ethics/dataset";
import { groupExactMatch, pairAccuracy } from "../../lib/ethics/figures";
import { sampleGroups } from "../../lib/ethics/groups";
import { ETHICS_PARTS, type EthicsConfig } from "../../lib/ethics/parts";
import { tokenizeRanking } from "../../lib/ethics/task";
import { accuracy, type ComputeMetrics, meanEntropy } from "../../lib/evaluate/metrics";
import { classify } from "../../lib/evaluate/predict";
import { LoraConfig } from "../../lib/lora/config";
import { getPeftModel } from "../../lib/lora/peft-model";
import type { Classifier } from "../../lib/model/classifier";
import { PairRanker } from "../../lib/model/pair-ranker";
import { Trainer } from "../../lib/train/trainer";
import { temporaryFolder } from "../support/folders";
import { assertClose, fixture, loadModel } from "../support/golden";
import { tinyModel } from "../support/tiny";

const own = process.env.ETHICS_DATA ?? "";
const folders = { "this project's own rows": fixture("ethics"), "the dataset's own files": own };
const GROUPS = 64;
const MODEL = { vocab_size: 400, max_position_embeddings: 66, type_vocab_size: 1 };

for (const [what, folder] of Object.entries(folders)) {
  const skip = folder === "" ? "ETHICS_DATA names no folder with the dataset's own files" : false;
  for (const config of ["deontology", "justice", "utilitarianism", "virtue"] satisfies EthicsConfig[]) {
    test(`an epoch of ${config} over ${what}, and the paper's figure of both test splits`, { skip }, async () => {
      const splits = await loadEthics(folder, { config });
      const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
      const { groupSize } = ETHICS_PARTS[config];
      const ranks = config === "utilitarianism";
      const lora = new LoraConfig({ r: 2, taskType: "SEQ_CLS" });
      const base = tinyModel(ranks ? { ...MODEL, num_labels: 1 } : MODEL);
      const adapted = getPeftModel(base, lora);
      const model: Classifier = ranks ? new PairRanker(adapted) : adapted;
      const computeMetrics: ComputeMetrics = (prediction): Record<string, number> => {
        if (ranks) return { pairAccuracy: pairAccuracy(prediction) };
        return { accuracy: accuracy(prediction), exactMatch: groupExactMatch(prediction, groupSize) };
      };
      const tokenized = splits
        .with("train", splits.train.sample(GROUPS, 42))
        .map((split, name) => (name === "train" ? split : sampleGroups(split, groupSize, GROUPS, 42)))
        .map((split) => (ranks ? tokenizeRanking(split, tokenizer) : tokenizeDataset(split, tokenizer)));
      const trainer = new Trainer({
        model,
        args: { outputDir: temporaryFolder(), numTrainEpochs: 1, saveStrategy: "no" },
        trainDataset: tokenized.train,
        evalDataset: tokenized.validation,
        tokenizer,
        computeMetrics,
      });
      assert.equal((await trainer.train()).globalStep, Math.ceil(tokenized.train.numRows / 8));
      for (const split of [tokenized.validation, tokenized.test]) {
        const result = await trainer.evaluate(split);
        const share = result[ranks ? "evalPairAccuracy" : "evalExactMatch"] as number;
        assert.ok(share >= 0 && share <= 1 && Number.isFinite(result.evalLoss), `${share}`);
        const right = (share * split.numRows) / groupSize;
        assertClose(right, Math.round(right), { absolute: 1e-9 }, "groups that are right");
        if (!ranks) assert.ok((result.evalAccuracy as number) >= share);
      }
      adapted.unload().dispose();
    });
  }

  test(`the entropy of predictions for scenarios that divide people, of ${what}`, { skip }, async () => {
    const texts = (await loadAmbiguous(folder)).column("input").slice(0, GROUPS) as string[];
    const model = await loadModel("roberta-head");
    const tokenizer = await AutoTokenizer.fromPretrained(fixture("tokenizer"));
    const classified = await classify(model, tokenizer, texts);
    const entropy = meanEntropy(classified.map(({ probabilities }) => probabilities));
    assert.ok(entropy > 0 && entropy <= Math.LN2, `${entropy}`);
    model.dispose();
  });
}
