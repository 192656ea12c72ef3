/** The task of a run: how to train and evaluate on a part of ETHICS or on other texts with labels. */
import type { Dataset, DatasetDict } from "../data/dataset";
import { tokenizeDataset } from "../data/tokenize";
import type { EthicsPart } from "../ethics/parts";
import { type EthicsTask, ethicsTask } from "../ethics/task";
import type { Text } from "../evaluate/predict";
import { type DataParameters, describeData, type RunData } from "./data";

/** How to train and evaluate on the data of a run. */
export interface RunTask
  extends RunData,
    Omit<EthicsTask, keyof EthicsPart | "texts">,
    Pick<EthicsPart, "swapsLabels" | "numLabels" | "figure"> {
  /** The text or pair of texts that the model reads of each row; of a ranked pair the better text. */
  texts(split: Dataset): Text[];
  /** Options of the head for `fromPretrained`. */
  head: { numLabels: number | undefined; id2label: readonly string[] | undefined; newHead: boolean };
}

/**
 * The task of a run.
 *
 * @param model folder of the model
 * @throws {RangeError} parameters, data and model do not fit together
 */
export function runTask(parameters: DataParameters, dataset: DatasetDict, model: string): RunTask {
  const { swapLabels, newHead, trainSplit } = parameters;
  const data = describeData(parameters, dataset, model);
  const { isOwn, labelNames, config, evalSplit } = data;
  const task = isOwn ? labelsTask(dataset.get(trainSplit), labelNames.length) : ethicsTask(config, evalSplit);
  const id2label = isOwn || (newHead && task.numLabels !== 1) ? labelNames : undefined;
  return {
    ...task,
    ...data,
    swapsLabels: task.swapsLabels || swapLabels,
    trainsHead: task.trainsHead || newHead,
    head: { numLabels: id2label?.length ?? task.numLabels, id2label, newHead },
  };
}

/** Task of any texts, or pairs of texts, with labels; the head is trained. */
function labelsTask(train: Dataset, numLabels: number): Omit<RunTask, keyof RunData | "head"> {
  const isPairs = train.columnNames.includes("inputPair");
  const texts = (split: Dataset): Text[] =>
    split.rows().map(({ input, inputPair }) => (isPairs ? [`${input}`, `${inputPair}`] : `${input}`));
  return {
    swapsLabels: false,
    numLabels,
    figure: undefined,
    trainsHead: true,
    metricForBestModel: "loss",
    texts,
    readable: (split) => texts(split).map((text) => [text].flat().join(" | ")),
    tokenize: (split, tokenizer) => tokenizeDataset(split, tokenizer, isPairs ? { textPair: "inputPair" } : {}),
    sample: (split, rows, seed) => split.sample(rows, seed),
    classifier: (model) => model,
    metrics: () => ({}),
  };
}
