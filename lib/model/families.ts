/** The supported kinds of encoders. One network serves all; what differs is in each kind's own file. */
import { ALBERT } from "./families/albert";
import { BERT, ROBERTA, XLM_ROBERTA } from "./families/bert";
import { DISTILBERT } from "./families/distilbert";
import { ELECTRA } from "./families/electra";
import type { Family } from "./families/family";
import type { ConfigField } from "./families/fields";
import { MPNET } from "./families/mpnet";

export type { Family, HeadActivation, HiddenAct, LayerPaths, PositionRule } from "./families/family";

/** A supported `model_type`. */
export type ModelType = "roberta" | "xlm-roberta" | "bert" | "distilbert" | "electra" | "albert" | "mpnet";

/** The supported kinds, by config.json's `model_type`. */
export const FAMILIES: Readonly<Record<ModelType, Family>> = {
  roberta: ROBERTA,
  "xlm-roberta": XLM_ROBERTA,
  bert: BERT,
  distilbert: DISTILBERT,
  electra: ELECTRA,
  albert: ALBERT,
  mpnet: MPNET,
};

/** What the helpers below read of a config. */
type Sizes = Record<ConfigField, number> & { modelType: ModelType };

/** The path of each layer, in the order in which they are computed; ALBERT computes one several times. */
export function layerPaths(config: Sizes): string[] {
  const { layers, grouped } = FAMILIES[config.modelType];
  const { numHiddenLayers: count, numHiddenGroups: groups, innerGroupNum: inner } = config;
  return Array.from({ length: count }, (_, i) => {
    if (!grouped) return [`${layers}.${i}`];
    const group = `${layers}.${Math.floor(i / (count / groups))}`;
    return Array.from({ length: inner }, (_, k) => `${group}.albert_layers.${k}`);
  }).flat();
}

/** Path of the linear layer between embeddings and layers, where the model has one. */
export function projectionPath({ modelType, embeddingSize, hiddenSize }: Sizes): string | undefined {
  const { projection } = FAMILIES[modelType];
  return projection && (projection.always || embeddingSize !== hiddenSize) ? projection.path : undefined;
}
