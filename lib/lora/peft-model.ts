/** A classifier whose chosen linear layers carry a LoRA adapter. */
import { inspect } from "node:util";
import type { Classifier, Logits, SequenceClassifier } from "../model/classifier";
import type { ModelConfig } from "../model/config";
import { type ForwardContext, Linear, type LinearSlot } from "../model/layers";
import type { Batch } from "../model/packing";
import { countElements, Parameter, type ParameterMap, trainable } from "../model/parameters";
import { Mt19937 } from "../runtime/random";
import { readAdapter, readAdapterConfig, writeAdapter } from "./adapter";
import type { LoraConfig } from "./config";
import { LoraLinear } from "./lora-linear";

/** One adapted place: what stood there and what stands there with the adapter on. */
interface Adaptation {
  slot: LinearSlot;
  base: Linear;
  adapted: LoraLinear | Linear;
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
 */
export function getPeftModel(
  model: SequenceClassifier,
  config: LoraConfig,
  options: { seed?: number } = {},
): PeftModel {
  return new PeftModel(model, config, options.seed ?? 42);
}

/** A model with a LoRA adapter; use it wherever the model itself is used. */
export class PeftModel implements Classifier {
  /** The adapter's weights, by their names in adapter_model.safetensors. */
  readonly adapterParameters: ParameterMap = new Map();
  private readonly adaptations: Adaptation[];

  /** @internal Use {@link getPeftModel} or {@link PeftModel.fromPretrained}. */
  constructor(
    /** The model that is adapted. */
    readonly baseModel: SequenceClassifier,
    /** The adapter's settings. */
    readonly peftConfig: LoraConfig,
    seed: number,
  ) {
    const places = [...baseModel.linears.values()].filter(
      ({ path }) => peftConfig.targets(path) || peftConfig.saves(path),
    );
    checkPlaces(places, baseModel, peftConfig);
    const generator = new Mt19937(seed);
    for (const parameter of baseModel.parameters.values()) parameter.requiresGrad = false;
    this.adaptations = places.map((slot) => {
      const base = slot.layer as Linear;
      const adapted = peftConfig.saves(slot.path)
        ? copyOf(base)
        : LoraLinear.from(base, slot.path, peftConfig, generator);
      const own = adapted instanceof LoraLinear ? [adapted.loraA, adapted.loraB] : [adapted.weight, adapted.bias];
      for (const parameter of own) this.adapterParameters.set(parameter.name, parameter);
      slot.layer = adapted;
      return { slot, base, adapted };
    });
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

  trainableParameters(): Parameter[] {
    return trainable([...this.baseModel.parameters.values(), ...this.adapterParameters.values()]);
  }

  /** @returns how many elements are trained, and how many there are */
  parameterCounts(): ParameterCounts {
    const all = [...this.baseModel.parameters.values(), ...this.adapterParameters.values()];
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
    return this.baseModel.forward(batch, context);
  }

  /** Runs `fn` with the adapter off: the base model as it was, its own head included. */
  async disableAdapter<T>(fn: () => T | Promise<T>): Promise<T> {
    for (const { slot, base } of this.adaptations) slot.layer = base;
    try {
      return await fn();
    } finally {
      for (const { slot, adapted } of this.adaptations) slot.layer = adapted;
    }
  }

  /** Writes adapter_config.json, adapter_model.safetensors and a model card. */
  savePretrained(folder: string): void {
    writeAdapter(folder, this.peftConfig, this.baseModel.nameOrPath, this.adapterParameters);
  }

  /**
   * Replaces the adapter's values by those of a folder.
   *
   * @throws {FileFormatError} a tensor is missing, unknown or ill-shaped; nothing is changed then
   */
  async load(folder: string): Promise<void> {
    readAdapter(folder, this.adapterParameters);
  }

  /**
   * Takes the adapter off, with its update inside the model's weights.
   *
   * @returns the base model, changed; this object is of no use afterwards
   */
  mergeAndUnload(): SequenceClassifier {
    for (const { slot, base, adapted } of this.adaptations) {
      const merged = adapted instanceof LoraLinear ? adapted.merge() : renamed(adapted, base);
      slot.layer = merged;
      for (const [before, after] of [
        [base.weight, merged.weight],
        [base.bias, merged.bias],
      ] as const) {
        if (before === after) continue;
        this.baseModel.parameters.set(after.name, after);
        before.dispose();
      }
    }
    this.disposeAdapter();
    return this.baseModel;
  }

  /** Takes the adapter off and frees it. @returns the base model as it was */
  unload(): SequenceClassifier {
    for (const { slot, base } of this.adaptations) slot.layer = base;
    this.disposeAdapter();
    return this.baseModel;
  }

  private disposeAdapter(): void {
    for (const parameter of this.adapterParameters.values()) parameter.dispose();
    this.adapterParameters.clear();
    this.adaptations.length = 0;
  }

  [inspect.custom](): string {
    return `PeftModel(${inspect(this.peftConfig)}, ${inspect(this.baseModel)})`;
  }
}

function checkPlaces(places: LinearSlot[], model: SequenceClassifier, config: LoraConfig): void {
  const taken = places.find(({ layer }) => !(layer instanceof Linear));
  if (taken !== undefined) {
    throw new Error(`\`${taken.path}\`: expected a layer without an adapter. Call unload() or mergeAndUnload() first.`);
  }
  if (!places.some(({ path }) => config.targets(path))) {
    const names = [...new Set([...model.linears.keys()].map((path) => path.replace(/^.*layer\.\d+\./, "")))];
    throw new Error(
      `\`targetModules\`: expected names at the end of ${names.join(", ")}; got ${config.targetModules.join(", ")}.`,
    );
  }
}

/** A trained copy of a layer, named as PEFT names modules to save. */
function copyOf({ weight, bias }: Linear): Linear {
  const copy = (parameter: Parameter): Parameter =>
    new Parameter(`base_model.model.${parameter.name}`, parameter.value.clone(), true);
  return new Linear(copy(weight), copy(bias));
}

/** The layer's weights under the names of `names`. */
function renamed({ weight, bias }: Linear, names: Linear): Linear {
  const rename = (from: Parameter, to: Parameter): Parameter =>
    new Parameter(to.name, from.value.clone(), to.requiresGrad);
  return new Linear(rename(weight, names.weight), rename(bias, names.bias));
}
