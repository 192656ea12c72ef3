/** Modules that are trained whole: copies that stand in the model beside their originals. */
import type { SequenceClassifier } from "../model/classifier";
import { Linear, type LinearSlot } from "../model/linear";
import { Parameter, type ParameterMap } from "../model/parameters";
import { cast } from "../tensor/raw-op";
import { type Tensor, tf } from "../tensor/tensorflow";

/** A linear layer's place, the original and its copy. */
interface SavedLinear {
  slot: LinearSlot;
  base: Linear;
  copy: Linear;
}

/** Trained copies of some of a model's parameters. */
export class SavedModules {
  /** The copies by their names in adapter_model.safetensors. */
  readonly parameters: ParameterMap = new Map();
  /** The copies by the originals' names. */
  readonly #copies: ParameterMap;
  readonly #linears: SavedLinear[];
  readonly #model: SequenceClassifier;

  /**
   * Copies parameters; the originals stay in the model until {@link SavedModules.on}.
   *
   * @param names of whole modules' parameters
   */
  constructor(model: SequenceClassifier, names: readonly string[]) {
    this.#model = model;
    this.#copies = new Map(
      names.map((name) => {
        const original = model.parameters.get(name) as Parameter;
        return [name, new Parameter(`base_model.model.${name}`, exact(original), true)];
      }),
    );
    for (const copy of this.#copies.values()) this.parameters.set(copy.name, copy);
    this.#linears = [...model.linears.values()].flatMap((slot) => {
      const [weight, bias] = ["weight", "bias"].map((name) => this.#copies.get(`${slot.path}.${name}`));
      if (weight === undefined || bias === undefined) return [];
      return [{ slot, base: slot.layer as Linear, copy: new Linear(weight, bias) }];
    });
  }

  /** Puts the copies into the model. */
  on(): void {
    for (const { slot, copy } of this.#linears) slot.layer = copy;
    for (const [name, copy] of this.#copies) this.#model.standIns.set(name, copy);
  }

  /** Puts the originals back. */
  off(): void {
    for (const { slot, base } of this.#linears) slot.layer = base;
    for (const name of this.#copies.keys()) this.#model.standIns.delete(name);
  }

  /** Gives the originals the values of the copies. */
  keep(): void {
    for (const [name, copy] of this.#copies) this.#model.parameters.get(name)?.assign(copy.value);
  }
}

/** A copy of a parameter's value in float32: what is trained has this format, whatever the original has. */
function exact({ value }: Parameter): Tensor {
  return tf.tidy(() => cast(value.clone() as Tensor, "float32"));
}
