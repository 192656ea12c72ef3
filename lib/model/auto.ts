/** Chooses the model class by config.json's `model_type`. */
import { SequenceClassifier } from "./classifier";

/** How a model is loaded. */
export interface FromPretrainedOptions {
  /** Precision of the frozen weights. */
  dtype?: "float32";
}

/** Loads classifiers from Hugging Face folders. */
export const AutoModelForSequenceClassification = {
  /**
   * @param folder holds config.json and model.safetensors
   * @throws {FileFormatError} the files are missing, broken, of an unsupported kind or do not belong together
   */
  fromPretrained(folder: string, options: FromPretrainedOptions = {}): Promise<SequenceClassifier> {
    const dtype: string = options.dtype ?? "float32";
    if (dtype !== "float32") throw new RangeError(`\`dtype\`: expected float32, got ${dtype}.`);
    return SequenceClassifier.fromPretrained(folder);
  },
};
