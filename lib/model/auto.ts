/** Chooses the model class by config.json's `model_type`. */
import { HUB_OPTIONS, type HubOptions, resolveModel } from "../hub/resolve";
import { checkOptions, type OptionKinds, pickOptions } from "../process/options";
import type { FloatDtype } from "../tensor/raw-op";
import { SequenceClassifier } from "./classifier";

/** Options of `fromPretrained`. */
export interface FromPretrainedOptions extends HubOptions {
  /** Precision of the layers' frozen matrices and of what passes between them (default "float32"). */
  dtype?: FloatDtype;
  /** Outputs of the head (default: the config's). If the checkpoint's head has another number, its last layer gets new weights. */
  numLabels?: number;
  /** Names of the labels, label 0 first, as config.json keeps them; as many as `numLabels` (default: the config's). */
  id2label?: readonly string[];
  /** Give the head's last layer new weights even if it has the right number of outputs (default false). */
  newHead?: boolean;
}

const OPTIONS: OptionKinds<FromPretrainedOptions> = {
  ...HUB_OPTIONS,
  dtype: "string",
  numLabels: "number",
  id2label: "list",
  newHead: "boolean",
};

/**
 * Loads classifiers from folders and from the Hugging Face hub.
 *
 * @example
 * ```ts
 * import { AutoModelForSequenceClassification } from "ethics-for-robots";
 *
 * const model = await AutoModelForSequenceClassification.fromPretrained("data/demo/model", { dtype: "bfloat16" });
 * model.config.id2label; // what its outputs are called
 * ```
 */
export const AutoModelForSequenceClassification = {
  /**
   * @param idOrFolder id of the hub, or a folder with config.json and the weights
   * @throws {HubError} the id is neither cached nor available
   * @throws {FileFormatError} the files are missing, broken, of an unsupported kind or do not belong together
   */
  async fromPretrained(idOrFolder: string, options: FromPretrainedOptions = {}): Promise<SequenceClassifier> {
    checkOptions("AutoModelForSequenceClassification.fromPretrained", options, OPTIONS);
    const dtype: string = options.dtype ?? "float32";
    if (dtype !== "float32" && dtype !== "bfloat16") {
      throw new RangeError(`\`dtype\`: expected float32 or bfloat16, got ${dtype}.`);
    }
    const { id2label, newHead = false, numLabels = id2label?.length } = options;
    if (numLabels !== undefined && !(Number.isSafeInteger(numLabels) && numLabels >= 1)) {
      throw new RangeError(`\`numLabels\`: expected a positive integer, got ${numLabels}.`);
    }
    if (id2label && (id2label.length !== numLabels || new Set(id2label).size !== numLabels)) {
      throw new RangeError(`\`id2label\`: expected ${numLabels} different names, got ${id2label.join(", ")}.`);
    }
    const folder = await resolveModel(idOrFolder, { ...pickOptions(options, HUB_OPTIONS), parts: ["weights"] });
    return SequenceClassifier.fromPretrained(folder, { dtype, numLabels, id2label, newHead });
  },
};
