/** Ethics for Robots 101: LoRA fine-tuning of Hugging Face text classifiers. The parts in the order in which data walks through them. */

export { tokenizeDataset, tokenizeRanking } from "./data/batches";
// data
export { Dataset, DatasetDict, type Row } from "./data/dataset";
export {
  ETHICS_PARTS,
  type EthicsConfig,
  type EthicsPart,
  type LoadDatasetOptions,
  loadAmbiguous,
  loadDataset,
} from "./data/ethics";
export { sampleGroups } from "./data/groups";
export { type Label, type LabelKind, swapAllLabels, swapLabels } from "./data/labels";
export { AutoTokenizer, type Encoding, type TokenizeOptions, type Tokenizer } from "./data/tokenizer";
export { FileFormatError } from "./files/errors";
// where things come from
export { type HubOptions, resolveDataset, resolveModel } from "./files/hub";
export { HubError, type HubReason } from "./files/hub-error";
export { type DownloadProgress, printDownloads } from "./files/hub-progress";
export { chooseSources, DEFAULT_DATASET, DEFAULT_MODEL, type SourceOptions, type Sources } from "./files/sources";
// LoRA
export { type LoraBias, LoraConfig, type LoraInit, type LoraOptions } from "./lora/config";
export { getPeftModel, type ParameterCounts, PeftModel } from "./lora/peft-model";
// model
export { AutoModelForSequenceClassification, type FromPretrainedOptions } from "./model/auto";
export { type Classifier, type Logits, SequenceClassifier } from "./model/classifier";
export type { ModelConfig, ProblemType } from "./model/config";
export type { Batch } from "./model/packing";
export { PairRanker } from "./model/pair-ranker";
// report
export { type BeforeAfter, beforeAfterBars } from "./report/bars";
export { trainingCurves } from "./report/curves";
export { Figure } from "./report/figures";
export { JsonlLogCallback } from "./report/jsonl-log";
export {
  type FinishedRun,
  type RunMetrics,
  runEvaluation,
  type SplitResult,
  writeRunMetrics,
} from "./report/metrics-file";
export { ProgressCallback } from "./report/progress";
export {
  PUBLISHED_RESULTS,
  PUBLISHED_SOURCE,
  type PublishedResult,
  type PublishedScore,
} from "./report/published";
export { type ShowOptions, show } from "./report/show";
export { TensorBoardCallback } from "./report/tensorboard";

// the machine
export { type DeviceInfo, deviceInfo, type MemoryUse, memoryUse } from "./runtime/device";
// training
export type { TrainingArguments, TrainingOptions } from "./train/arguments";
export { type Budget, type BudgetOptions, rowsWithinBudget } from "./train/budget";
export type { LogEntry, TrainerCallback, TrainerControl, TrainerEvent, TrainerState } from "./train/callbacks";
export {
  accuracyByLength,
  confusionMatrix,
  type LabelScores,
  type LengthAccuracy,
  labelScores,
  macroScores,
  type Scores,
} from "./train/classification-metrics";
export { EarlyStoppingCallback } from "./train/early-stopping";
export { groupExactMatch, meanEntropy, pairAccuracy } from "./train/group-metrics";
export { accuracy, argmax, type EvalPrediction, softmax } from "./train/metrics";
export type { OptimizerSummary } from "./train/optimizer";
export { type Classification, classify } from "./train/predict";
export { Trainer } from "./train/trainer";
export type { ComputeMetrics, PredictionOutput, TrainerOptions, TrainOutput } from "./train/trainer-types";
