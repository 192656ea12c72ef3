/** A classifier whose chosen linear layers carry a LoRA adapter. */

import { inspect } from "node:util";
import type { Classifier, Logits, SequenceClassifier } from "../model/classifier";
import type { ModelConfig } from "../model/config";
import type { ForwardContext, Linear, LinearSlot } from "../model/linear";
import type { Batch } from "../model/packing";
import { countElements, type Parameter, type ParameterMap, trainable } from "../model/parameters";
import { checkOptions } from "../process/options";
import { Mt19937 } from "../tensor/random";
import type { FloatDtype } from "../tensor/raw-op";
import { readAdapter, readAdapterConfig, writeAdapter } from "./adapter";
import type { LoraConfig } from "./config";
import { LoraLinear } from "./lora-linear";
import { SavedModules } from "./modules-to-save";
import { findPlaces, portableConfig } from "./targets";

/** One adapted layer: the original, the adapter, and the sum of both while they are merged. */
interface Adaptation {
  slot: LinearSlot;
  base: Linear;
  lora: LoraLinear;
  merged: Linear | undefined;
}

/** Parameter counts as PEFT prints them. */
export interface ParameterCounts {
  /** Elements that training changes. */
  trainable: number;
  /** All elements: base model, adapter and copy of the head. */
  all: number;
}

/**
 * Puts a new adapter on a model, in place, and freezes everything else.
 *
 * @param options.seed of A's first values (default 42)
 * @throws the model carries an adapter already, or no layer fits the config
 *
 * @example
 * ```ts
 * import { AutoModelForSequenceClassification, getPeftModel, LoraConfig, PeftModel } from "ethics-for-robots";
 *
 * const load = () => AutoModelForSequenceClassification.fromPretrained("data/demo/model");
 * const model = getPeftModel(await load(), new LoraConfig({ r: 16 }));
 * model.printTrainableParameters();
 * model.savePretrained("runs/adapter"); // PEFT's files
 * const again = await PeftModel.fromPretrained(await load(), "runs/adapter");
 * ```
 */
export function getPeftModel(
  model: SequenceClassifier,
  config: LoraConfig,
  options: { seed?: number } = {},
): PeftModel {
  checkOptions("getPeftModel", options, { seed: "number" });
  return new PeftModel(model, config, options.seed ?? 42);
}

/** A model with a LoRA adapter; use it wherever the model itself is used. */
export class PeftModel implements Classifier {
  /** The adapter's weights, and the trained biases of the model, by their names in adapter_model.safetensors. */
  readonly adapterParameters: ParameterMap = new Map();
  /** The adapter's settings, with the target modules named. */
  readonly peftConfig: LoraConfig;
  readonly #adaptations: Adaptation[];
  readonly #saved: SavedModules;
  /** The model's weights that were trained before the adapter came. */
  readonly #trainedBefore: ReadonlySet<Parameter>;
  #isMerged = false;
  /** Number of `disableAdapter` calls that have not ended. */
  #timesOff = 0;

  /** @internal Use {@link getPeftModel} or {@link PeftModel.fromPretrained}. */
  constructor(
    /** The model that is adapted. */
    readonly baseModel: SequenceClassifier,
    config: LoraConfig,
    seed: number,
  ) {
    const places = findPlaces(baseModel, config);
    this.peftConfig = places.config;
    const generator = new Mt19937(seed);
    this.#trainedBefore = new Set(baseModel.trainableParameters());
    for (const parameter of baseModel.parameters.values()) parameter.requiresGrad = false;
    this.#adaptations = places.adapted.map((slot) => {
      const base = slot.layer as Linear;
      return { slot, base, lora: LoraLinear.from(base, slot.path, this.peftConfig, generator), merged: undefined };
    });
    for (const { lora } of this.#adaptations) {
      for (const parameter of lora.parameters) this.adapterParameters.set(parameter.name, parameter);
    }
    this.#saved = new SavedModules(baseModel, places.saved);
    for (const [name, parameter] of this.#saved.parameters) this.adapterParameters.set(name, parameter);
    this.#trainBiases(new Set(places.saved));
    this.#place();
  }

  /** Marks the biases that the config names; they are the model's own, trained in place. */
  #trainBiases(saved: ReadonlySet<string>): void {
    const adapted = new Set(this.#adaptations.map(({ base }) => base.bias));
    for (const [name, parameter] of this.baseModel.parameters) {
      const chosen = this.peftConfig.bias === "all" ? name.endsWith(".bias") : adapted.has(parameter);
      if (this.peftConfig.bias === "none" || !chosen || saved.has(name)) continue;
      parameter.requiresGrad = true;
      const inFile = adapted.has(parameter) ? name.replace(/bias$/, "base_layer.bias") : name;
      this.adapterParameters.set(`base_model.model.${inFile}`, parameter);
    }
  }

  /**
   * Puts a saved adapter on a model, in place.
   *
   * @param folder holds adapter_config.json and adapter_model.safetensors, written here or by PEFT
   * @param options.isTrainable whether it can be trained further (default false)
   * @throws {FileFormatError} a tensor is missing, unknown or ill-shaped; the model is left as it was
   */
  static async fromPretrained(
    model: SequenceClassifier,
    folder: string,
    options: { isTrainable?: boolean } = {},
  ): Promise<PeftModel> {
    checkOptions("PeftModel.fromPretrained", options, { isTrainable: "boolean" });
    const peftModel = new PeftModel(model, readAdapterConfig(folder), 0);
    try {
      await peftModel.load(folder);
    } catch (error) {
      peftModel.unload();
      throw error;
    }
    for (const parameter of peftModel.adapterParameters.values()) parameter.requiresGrad = options.isTrainable ?? false;
    return peftModel;
  }

  get config(): ModelConfig {
    return this.baseModel.config;
  }

  get dtype(): FloatDtype {
    return this.baseModel.dtype;
  }

  /** All weights, the model's and the adapter's. */
  #allParameters(): Parameter[] {
    return [...new Set([...this.baseModel.parameters.values(), ...this.adapterParameters.values()])];
  }

  trainableParameters(): Parameter[] {
    return trainable(this.#allParameters());
  }

  /** @returns how many elements are trained, and how many there are */
  parameterCounts(): ParameterCounts {
    const all = this.#allParameters();
    return { trainable: countElements(trainable(all)), all: countElements(all) };
  }

  /** Prints the counts in PEFT's words. */
  printTrainableParameters(): void {
    const { trainable, all } = this.parameterCounts();
    const [some, total] = [trainable, all].map((count) => count.toLocaleString("en-US"));
    console.log(
      `trainable params: ${some} || all params: ${total} || trainable%: ${((100 * trainable) / all).toFixed(4)}`,
    );
  }

  forward(batch: Batch, context: ForwardContext = {}): Logits {
    if (this.#isMerged && context.dropout !== undefined) {
      throw new Error("`forward`: expected an adapter that is not merged for training. Call unmerge() first.");
    }
    return this.baseModel.forward(batch, context);
  }

  /**
   * Runs `fn` with the adapter off: the base model as it was, its own head included, but for biases that were trained. Where
   * calls are nested or overlap, the last one to end turns it on again.
   */
  async disableAdapter<T>(fn: () => T | Promise<T>): Promise<T> {
    this.#timesOff++;
    this.#place();
    try {
      return await fn();
    } finally {
      this.#timesOff--;
      this.#place();
    }
  }

  /** Puts the right layers into the model: those with the adapter, merged or not, or the originals. */
  #place(): void {
    const isOn = this.#timesOff === 0;
    for (const { slot, base, lora, merged } of this.#adaptations) slot.layer = isOn ? (merged ?? lora) : base;
    if (isOn) this.#saved.on();
    else this.#saved.off();
  }

  /**
   * Puts the update inside the layers' weights, for faster answers; {@link PeftModel.unmerge} takes it out again.
   *
   * @throws the adapter is merged already
   */
  merge(): void {
    if (this.#isMerged) throw new Error("`merge`: expected an adapter that is not merged. Call unmerge() first.");
    for (const place of this.#adaptations) place.merged = place.lora.merge();
    this.#isMerged = true;
    this.#place();
  }

  /**
   * Takes the update out of the weights, which are exactly the former ones then.
   *
   * @throws the adapter is not merged
   */
  unmerge(): void {
    if (!this.#isMerged) throw new Error("`unmerge`: expected a merged adapter. Call merge() first.");
    for (const place of this.#adaptations) {
      place.merged?.weight.dispose();
      if (place.merged?.bias !== place.base.bias) place.merged?.bias.dispose();
      place.merged = undefined;
    }
    this.#isMerged = false;
    this.#place();
  }

  /**
   * Writes adapter_config.json, adapter_model.safetensors and README.md, the model card.
   *
   * @param options.modelCard text of the card (default: a short one, of the base model and the settings)
   */
  savePretrained(folder: string, options: { modelCard?: string } = {}): void {
    checkOptions("savePretrained", options, { modelCard: "string" });
    const { nameOrPath: name, family, linears } = this.baseModel;
    const adapted = this.#adaptations.map(({ slot }) => slot.path);
    writeAdapter(folder, {
      config: portableConfig(this.peftConfig, adapted, linears.keys()),
      base: { name, family },
      parameters: this.adapterParameters,
      modelCard: options.modelCard,
    });
  }

  /**
   * Replaces the adapter's values by those of a folder.
   *
   * @throws {FileFormatError} a tensor is missing, unknown or ill-shaped; nothing is changed then
   */
  async load(folder: string): Promise<void> {
    await readAdapter(folder, this.adapterParameters, this.peftConfig.bias);
    if (!this.#isMerged) return;
    this.unmerge();
    this.merge();
  }

  /**
   * Removes the adapter and leaves its update in the model's weights.
   *
   * @returns the base model, changed; this object is of no use afterwards
   */
  mergeAndUnload(): SequenceClassifier {
    if (!this.#isMerged) this.merge();
    for (const { base, merged } of this.#adaptations) {
      if (merged === undefined) continue;
      base.weight.assign(merged.weight.value);
      if (merged.bias !== base.bias) base.bias.assign(merged.bias.value);
    }
    this.#saved.keep();
    return this.unload();
  }

  /** Removes the adapter and frees it. @returns the base model as it was, but for the values of biases that were trained */
  unload(): SequenceClassifier {
    if (this.#isMerged) this.unmerge();
    this.#timesOff = Infinity; // for good
    this.#place();
    const own = new Set(this.baseModel.parameters.values());
    for (const parameter of this.adapterParameters.values()) if (!own.has(parameter)) parameter.dispose();
    for (const parameter of own) parameter.requiresGrad = this.#trainedBefore.has(parameter);
    this.adapterParameters.clear();
    this.#adaptations.length = 0;
    return this.baseModel;
  }

  [inspect.custom](): string {
    return `PeftModel(${inspect(this.peftConfig)}, ${inspect(this.baseModel)})`;
  }
}
