/** A text classifier: config, weights and network, loaded from and saved to a Hugging Face folder. */

import { join } from "node:path";
import { inspect } from "node:util";
import { writeFileAtomic } from "../files/atomic";
import { FileFormatError } from "../files/errors";
import type { JsonObject } from "../files/json";
import { writeSafetensors } from "../files/safetensors";
import { hubIdOf } from "../hub/cache";
import { checkOptions } from "../process/options";
import type { FloatDtype } from "../tensor/raw-op";
import type { Tensor2D } from "../tensor/tensorflow";
import { type ModelConfig, parseConfig, readConfig, withLabels } from "./config";
import { EncoderNetwork } from "./encoder";
import { FAMILIES, type Family } from "./families";
import type { ForwardContext, LinearSlot } from "./linear";
import type { Batch } from "./packing";
import { countElements, type Parameter, type ParameterMap, tensorsOf, trainable } from "./parameters";
import { sharedWeights } from "./weight-cache";
import { initialParameters, readParameters } from "./weights";

/** Scores of a batch before softmax; dispose them after reading. */
export interface Logits {
  /** [batch, labels] */
  readonly shape: number[];
  /** One array a row. */
  array(): Promise<number[][]>;
  dispose(): void;
}

/** What the Trainer, `classify` and the adapters need of a model. */
export interface Classifier {
  readonly config: ModelConfig;
  /** Dtype of the layers' frozen matrices and of what passes between them (default "float32"). */
  readonly dtype?: FloatDtype;
  /** Weights that are trained, in order. */
  trainableParameters(): Parameter[];
  /** Scores of each row and label, [batch, labels]; without `context` the model is evaluated. */
  forward(batch: Batch, context?: ForwardContext): Logits;
  /** Writes what `fromPretrained` reads. */
  savePretrained(folder: string): void;
  /** Replaces the weights that `savePretrained` writes with those of a folder; all or none. */
  load(folder: string): Promise<void>;
}

const OPTIONS = { numLabels: "number", id2label: "list", newHead: "boolean", dtype: "string" } as const;

/** An encoder with a classification head: any of the kinds in `families.ts`. */
export class SequenceClassifier implements Classifier {
  readonly #network: EncoderNetwork;
  readonly #json: JsonObject;

  private constructor(
    readonly config: ModelConfig,
    /** All weights by their Hugging Face names, in order. */
    readonly parameters: ParameterMap,
    /** Hub id or folder of the model, as adapters record it; a cached model has its id. */
    readonly nameOrPath: string,
    json: JsonObject,
    readonly dtype: FloatDtype = "float32",
  ) {
    this.#json = json;
    this.#network = new EncoderNetwork(config, parameters, dtype);
  }

  /**
   * Loads a model folder: config.json and weights. All weights are frozen; a head that the checkpoint lacks is new.
   * Models of one folder share the weights that none of them changes.
   *
   * @param options.numLabels outputs of the head (default: the config's)
   * @param options.id2label names of the labels, as many as there are outputs
   * @param options.newHead whether the head's last layer always gets new weights (default false)
   * @param options.dtype dtype of the layers' frozen matrices and of what passes between them (default "float32")
   * @throws {FileFormatError} the files are missing, broken or do not belong together
   */
  static async fromPretrained(
    folder: string,
    options: {
      numLabels?: number | undefined;
      id2label?: readonly string[] | undefined;
      newHead?: boolean;
      dtype?: FloatDtype;
    } = {},
  ): Promise<SequenceClassifier> {
    checkOptions("SequenceClassifier.fromPretrained", options, OPTIONS);
    const own = readConfig(folder);
    const count = own.config.id2label.length;
    const { id2label, numLabels = id2label?.length ?? count, newHead = false, dtype = "float32" } = options;
    const { config, json } = id2label || numLabels !== count ? withLabels(own, id2label ?? numLabels) : own;
    const replaceHead = numLabels !== count;
    const { parameters, newLayers } = await sharedWeights(folder, { numLabels, newHead, dtype }, () =>
      readParameters(folder, config, { replaceHead, newHead, dtype }),
    );
    if (newLayers.length > 0) {
      const wanted = numLabels === count ? "" : ` with numLabels ${numLabels}`;
      const layers = newLayers.join(" and ");
      console.warn(
        newHead
          ? `${folder}: ${layers} is new, as asked: train it before use.`
          : `${folder} has no weights for ${layers}${wanted}: they are new, train them before use.`,
      );
    }
    return new SequenceClassifier(config, parameters, hubIdOf(folder) ?? folder, json, dtype);
  }

  /**
   * Creates a model with new weights, all of which are trained.
   *
   * @param json the content of a config.json
   * @param options.seed of the weights
   */
  static fromConfig(json: JsonObject, options: { seed: number }): SequenceClassifier {
    checkOptions("fromConfig", options, { seed: "number" });
    const config = parseConfig(json, "config");
    const parameters = initialParameters(config, options.seed);
    for (const parameter of parameters.values()) parameter.requiresGrad = true;
    return new SequenceClassifier(config, parameters, "", json);
  }

  /** @internal The content of its config.json. */
  get json(): JsonObject {
    return this.#json;
  }

  /** What distinguishes this kind of model. */
  get family(): Family {
    return FAMILIES[this.config.modelType];
  }

  /** The linear layers by module path, which adapters can replace. */
  get linears(): ReadonlyMap<string, LinearSlot> {
    return this.#network.linears;
  }

  /** An adapter's copies of tables and layer norms, by the names of the parameters that they replace. */
  get standIns(): ParameterMap {
    return this.#network.standIns;
  }

  trainableParameters(): Parameter[] {
    return trainable(this.parameters.values());
  }

  forward(batch: Batch, context: ForwardContext = {}): Logits {
    return this.#network.forward(batch, context);
  }

  /** @internal As {@link forward}; `onHidden` sees the embeddings' output, then each layer's. */
  forwardWithHidden(batch: Batch, onHidden: (hidden: Tensor2D) => void): Logits {
    return this.#network.forward(batch, {}, onHidden);
  }

  /**
   * Writes config.json and model.safetensors, which Python's `from_pretrained` reads too.
   *
   * @param options.half writes float16 weights
   */
  savePretrained(folder: string, options: { half?: boolean } = {}): void {
    checkOptions("savePretrained", options, { half: "boolean" });
    writeSafetensors(join(folder, "model.safetensors"), tensorsOf(this.parameters), options);
    const config = { ...this.#json, dtype: options.half ? "float16" : "float32" };
    writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  }

  async load(folder: string): Promise<void> {
    const { parameters, newLayers } = await readParameters(folder, this.config, { dtype: this.dtype });
    try {
      if (newLayers.length > 0) {
        throw new FileFormatError(folder, `expected weights for ${newLayers.join(" and ")}, got none.`);
      }
      for (const [name, { value }] of parameters) this.parameters.get(name)?.assign(value);
    } finally {
      for (const parameter of parameters.values()) parameter.dispose();
    }
  }

  dispose(): void {
    for (const parameter of this.parameters.values()) parameter.dispose();
  }

  [inspect.custom](): string {
    const { hiddenSize, numHiddenLayers, numAttentionHeads, id2label } = this.config;
    const count = countElements(this.parameters.values()).toLocaleString("en-US");
    return `${this.family.className}(${numHiddenLayers} layers, hidden ${hiddenSize}, ${numAttentionHeads} heads, labels ${id2label.join(" / ")}, ${count} parameters)`;
  }
}
