/** Ethics for Robots 101: LoRA fine-tuning of Hugging Face text classifiers. The parts in the order in which data walks through them. */

// Where things come from
export { chooseSources, DEFAULT_DATASET, DEFAULT_MODEL, type SourceOptions, type Sources } from "./ethics/sources";
export { type HubOptions, resolveModel } from "./hub/resolve";
export { type DownloadProgress, printDownloads } from "./hub/progress";
export { HubError, type HubReason } from "./hub/error";
export { FileFormatError } from "./files/errors";

// Data
export { Dataset, DatasetDict, type Row } from "./data/dataset";
export { type LoadDatasetOptions, loadDataset } from "./ethics/load-dataset";
export type { Label, LabelKind } from "./data/labels";
export { swapAllLabels, swapLabels } from "./ethics/swap-labels";
export { AutoTokenizer, type Encoding, type TokenizeOptions, type Tokenizer } from "./data/tokenizer/tokenizer";
export { tokenizeDataset } from "./data/tokenize";

// Model
export { AutoModelForSequenceClassification, type FromPretrainedOptions } from "./model/auto";
export { type Classifier, type Logits, SequenceClassifier } from "./model/classifier";
export type { ModelConfig, ProblemType } from "./model/config";
export type { Batch } from "./model/packing";
export { PairRanker } from "./model/pair-ranker";
export { freeModels } from "./model/weight-cache";

// LoRA
export { type LoraBias, LoraConfig, type LoraInit, type LoraOptions } from "./lora/config";
export { getPeftModel, type ParameterCounts, PeftModel } from "./lora/peft-model";

// Training
export type { ResolvedArguments, TrainingArguments, TrainingArguments as TrainingOptions } from "./train/arguments";
export { Trainer } from "./train/trainer";
export type { TrainerOptions, TrainOutput } from "./train/trainer-types";
export { joinWorkers, type JoinWorkersOptions } from "./train/workers/join";
export type { LogEntry, TrainerCallback, TrainerControl, TrainerEvent, TrainerState } from "./train/callbacks";
export { EarlyStoppingCallback } from "./train/early-stopping";
export { type Budget, type BudgetOptions, rowsWithinBudget } from "./train/budget";
export type { OptimizerSummary } from "./train/optim/optimizer";

// Evaluation
export { type Classification, classify, type Text } from "./evaluate/predict";
export { accuracy, argmax, meanEntropy, softmax } from "./evaluate/metrics";
export type { ComputeMetrics, EvalPrediction, PredictionOutput } from "./evaluate/metrics";
export { accuracyByLength, confusionMatrix, labelScores, macroScores } from "./evaluate/classification-metrics";
export type { LabelScores, LengthAccuracy, Scores } from "./evaluate/classification-metrics";
export { checkLabels } from "./evaluate/check-labels";
export { type Uncertainty, uncertainty } from "./evaluate/uncertainty";
export { type Calibration, type CalibrationBin, calibration } from "./evaluate/calibration";
export { type ChangedJudgement, changedJudgements, type Judgement, judgements } from "./evaluate/judgements";
export { mostUncertain, mostWrong, toEvalPrediction } from "./evaluate/judgements";
export { type Attribution, attribute, type TokenAttribution } from "./evaluate/attribution";

// Tables, charts and cards
export { type ShowOptions, show } from "./report/tables/show";
export { ProgressCallback } from "./report/progress/progress";
export { JsonlLogCallback } from "./runs/log-callback";
export { TensorBoardCallback } from "./runs/tensorboard";
export { Figure, type FigureOptions } from "./report/charts/figure";
export { trainingCurves } from "./report/charts/curves";
export { type BeforeAfter, beforeAfterBars } from "./report/charts/bars";
export { confusionChart, lengthBars, reliabilityCurve } from "./report/charts/judgement-charts";
export { answerRows } from "./report/tables/answers";
export { compareRuns, type KeptRun, RunComparison } from "./report/compare-runs";
export { sweepHeatmap, SweepProgress } from "./report/progress/sweep-progress";
export { modelCard, type ModelCardDetails, whereItErrs, writeModelCard } from "./report/model-card";

// Runs and sweeps
export type { RunTask } from "./runs/task";
export { openRun, reopenRun, Run, type RunOutcome, type RunRows } from "./runs/run";
export { RUN_DEFAULTS, type RunParameters } from "./runs/parameters";
export { keepEarlierRun } from "./runs/earlier-runs";
export {
  type FinishedRun,
  type RunMetrics,
  runEvaluation,
  type SplitResult,
  splitResult,
  writeRunMetrics,
} from "./runs/metrics";
export type { LocalOptions } from "./sweep/engines/local";
export type { RayOptions } from "./sweep/engines/ray/coordinator";
export { type SweepGrid, TRIAL_DEFAULTS, type TrialChoice, type TrialParameters } from "./sweep/parameters";
export type { SweepMetric } from "./sweep/metric";
export { type FailedTrial, SweepResult, SweepSetting, type SweepTrial } from "./sweep/result";
export { sweep, type SweepListener, type SweepOptions } from "./sweep/sweep";

// ETHICS
export { type EthicsConfig, type EthicsFigure, type EthicsPart, ETHICS_PARTS, type FigureKey } from "./ethics/parts";
export { hasAmbiguous, loadAmbiguous, resolveDataset } from "./ethics/dataset";
export { sampleGroups } from "./ethics/groups";
export { groupExactMatch, pairAccuracy } from "./ethics/figures";
export { type EthicsTask, ethicsTask, tokenizeRanking } from "./ethics/task";
export { PUBLISHED_RESULTS, PUBLISHED_SOURCE, publishedScores } from "./ethics/published";
export type { PublishedResult, PublishedScore } from "./ethics/published";

// Elsewhere
export { exportOnnx, type OnnxOptions } from "./onnx/export";
export type { OnnxDtype } from "./onnx/storage";
export { type PushOptions, type PushResult, pushToHub } from "./hub/push";

// The machine
export { type DeviceInfo, deviceInfo, type MemoryUse, memoryUse } from "./tensor/device";
export { reuse } from "./process/reuse";
