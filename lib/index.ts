/** Ethics for Robots 101: LoRA fine-tuning of Hugging Face text classifiers. The parts in the order in which data walks through them. */

// where things come from
export { chooseSources, DEFAULT_DATASET, DEFAULT_MODEL, type SourceOptions, type Sources } from "./files/sources";
export { type HubOptions, resolveDataset, resolveModel } from "./files/hub";
export { type DownloadProgress, printDownloads } from "./files/hub-progress";
export { HubError, type HubReason } from "./files/hub-error";
export { FileFormatError } from "./files/errors";

// data
export { Dataset, DatasetDict, type Row } from "./data/dataset";
export { type EthicsConfig, type EthicsPart, ETHICS_PARTS, type LoadDatasetOptions } from "./data/ethics";
export { hasAmbiguous, loadAmbiguous, loadDataset } from "./data/ethics";
export { sampleGroups } from "./data/groups";
export { type Label, type LabelKind, swapAllLabels, swapLabels } from "./data/labels";
export { AutoTokenizer, type Encoding, type TokenizeOptions, type Tokenizer } from "./data/tokenizer";
export { tokenizeDataset, tokenizeRanking } from "./data/batches";

// model
export { AutoModelForSequenceClassification, type FromPretrainedOptions } from "./model/auto";
export { type Classifier, type Logits, SequenceClassifier } from "./model/classifier";
export type { ModelConfig, ProblemType } from "./model/config";
export type { Batch } from "./model/packing";
export { PairRanker } from "./model/pair-ranker";
export { freeModels } from "./model/shared-weights";

// LoRA
export { type LoraBias, LoraConfig, type LoraInit, type LoraOptions } from "./lora/config";
export { getPeftModel, type ParameterCounts, PeftModel } from "./lora/peft-model";

// training
export type { TrainingArguments, TrainingOptions } from "./train/arguments";
export { Trainer } from "./train/trainer";
export type { TrainerOptions, TrainOutput } from "./train/trainer-types";
export type { LogEntry, TrainerCallback, TrainerControl, TrainerEvent, TrainerState } from "./train/callbacks";
export { EarlyStoppingCallback } from "./train/early-stopping";
export { type Budget, type BudgetOptions, rowsWithinBudget } from "./train/budget";
export type { OptimizerSummary } from "./train/optimizer";
export { type Classification, classify } from "./train/predict";
export { accuracy, argmax, meanEntropy, softmax } from "./train/metrics";
export type { ComputeMetrics, EvalPrediction, PredictionOutput } from "./train/metrics";
export { accuracyByLength, confusionMatrix, labelScores, macroScores } from "./train/classification-metrics";
export type { LabelScores, LengthAccuracy, Scores } from "./train/classification-metrics";
export { groupExactMatch, pairAccuracy } from "./train/group-metrics";
export { type EthicsTask, ethicsTask } from "./train/ethics-task";
export { type Uncertainty, uncertainty } from "./train/uncertainty";
export { type Calibration, type CalibrationBin, calibration } from "./train/calibration";
export { type ChangedJudgement, changedJudgements, type Judgement, judgements } from "./train/judgements";
export { mostUncertain, mostWrong, toEvalPrediction } from "./train/judgements";
export { type Attribution, attribute, type TokenAttribution } from "./train/attribution";
export { type SweepGrid, TRIAL_DEFAULTS, type TrialParameters } from "./train/sweep-parameters";
export { sweep, type SweepListener, type SweepOptions, SweepResult, type SweepTrial } from "./train/sweep";

// report
export { type ShowOptions, show } from "./report/show";
export { ProgressCallback } from "./report/progress";
export { JsonlLogCallback } from "./train/jsonl-log";
export { TensorBoardCallback } from "./report/tensorboard";
export { Figure, type FigureOptions } from "./report/figures";
export { trainingCurves } from "./report/curves";
export { type BeforeAfter, beforeAfterBars } from "./report/bars";
export { confusionChart, lengthBars, reliabilityCurve } from "./report/judgement-charts";
export { answerRows } from "./report/answers";
export { compareRuns, type KeptRun, RunComparison } from "./report/compare-runs";
export { sweepHeatmap, SweepProgress } from "./report/sweep-view";
export { modelCard, type ModelCardDetails, writeModelCard } from "./report/model-card";
export { keepEarlierRun } from "./train/earlier-runs";
export {
  type FinishedRun,
  type RunMetrics,
  runEvaluation,
  type SplitResult,
  splitResult,
  writeRunMetrics,
} from "./train/metrics-file";
export { PUBLISHED_RESULTS, PUBLISHED_SOURCE, publishedScores } from "./report/published";
export type { PublishedResult, PublishedScore } from "./report/published";

// the machine
export { type DeviceInfo, deviceInfo, type MemoryUse, memoryUse } from "./runtime/device";
export { reuse } from "./runtime/reuse";
