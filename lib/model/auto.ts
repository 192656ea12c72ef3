/** Chooses the model class by config.json's `model_type`. */
import { type HubOptions, resolveModel } from "../files/hub";
import { SequenceClassifier } from "./classifier";

/** How a model is loaded. */
export interface FromPretrainedOptions extends HubOptions {
  /** Precision of the frozen weights. */
  dtype?: "float32";
}

/** Loads classifiers from folders and from the Hugging Face hub. */
export const AutoModelForSequenceClassification = {
  /**
   * @param idOrFolder id of the hub, or a folder with config.json and the weights
   * @throws {HubError} an id cannot be had
   * @throws {FileFormatError} the files are missing, broken, of an unsupported kind or do not belong together
   */
  async fromPretrained(idOrFolder: string, options: FromPretrainedOptions = {}): Promise<SequenceClassifier> {
    const dtype: string = options.dtype ?? "float32";
    if (dtype !== "float32") throw new RangeError(`\`dtype\`: expected float32, got ${dtype}.`);
    return SequenceClassifier.fromPretrained(await resolveModel(idOrFolder, { ...options, parts: ["weights"] }));
  },
};
