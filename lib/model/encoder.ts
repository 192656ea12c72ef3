/**
 * BERT-like encoders with a classification head (Hugging Face's `…ForSequenceClassification`), over packed tokens.
 * Axes: batch, tokens, hidden, inner, labels.
 */
import { dropout } from "../runtime/dropout";
import { type Tensor1D, type Tensor2D, tf } from "../runtime/tensorflow";
import { attention } from "./attention";
import { type ModelConfig, maxTokens } from "./config";
import { FAMILIES, type Family, type LayerPaths } from "./families";
import {
  type ForwardContext,
  gatherRows,
  gelu,
  type LayerNormParameters,
  Linear,
  type LinearSlot,
  layerNorm,
  relu,
  sum,
  tanh,
} from "./layers";
import { type Batch, type PackedBatch, packBatch, type Sequence } from "./packing";
import type { Parameter, ParameterMap } from "./parameters";

/** Names and shapes of all tensors of a classifier, in the model's order. */
export function tensorShapes(config: ModelConfig): Map<string, number[]> {
  const { hiddenSize: hidden, intermediateSize: inner } = config;
  const family: Family = FAMILIES[config.modelType];
  const shapes = new Map<string, number[]>();
  const norm = (path: string): void => void shapes.set(`${path}.weight`, [hidden]).set(`${path}.bias`, [hidden]);
  const linear = (path: string, outFeatures: number, inFeatures: number): void =>
    void shapes.set(`${path}.weight`, [outFeatures, inFeatures]).set(`${path}.bias`, [outFeatures]);
  const embeddings = `${family.prefix}.embeddings`;
  shapes.set(`${embeddings}.word_embeddings.weight`, [config.vocabSize, hidden]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [config.maxPositionEmbeddings, hidden]);
  if (config.typeVocabSize > 0)
    shapes.set(`${embeddings}.token_type_embeddings.weight`, [config.typeVocabSize, hidden]);
  norm(`${embeddings}.LayerNorm`);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const part = (name: keyof LayerPaths): string => `${family.layers}.${i}.${family.layer[name]}`;
    for (const name of ["query", "key", "value", "attentionOutput"] as const) linear(part(name), hidden, hidden);
    norm(part("attentionNorm"));
    linear(part("intermediate"), inner, hidden);
    linear(part("output"), hidden, inner);
    norm(part("outputNorm"));
  }
  linear(family.head.first, hidden, hidden);
  linear(family.head.second, config.id2label.length, hidden);
  return shapes;
}

/** A layer's linear layers, and the paths of its layer norms. */
type EncoderLayer = Record<Exclude<keyof LayerPaths, "attentionNorm" | "outputNorm">, LinearSlot> &
  Record<"attentionNorm" | "outputNorm", string>;

/** The network of a classifier; it knows its parameters, not where they came from or how they learn. */
export class EncoderNetwork {
  /** The linear layers by module path, in the order of the model. */
  readonly linears = new Map<string, LinearSlot>();
  /** Parameters that stand in for the model's own tables and layer norms, by the names of those. */
  readonly standIns: ParameterMap = new Map();
  private readonly layers: EncoderLayer[];
  private readonly head: { first: LinearSlot; second: LinearSlot };
  private readonly family: Family;

  constructor(
    readonly config: ModelConfig,
    readonly parameters: ParameterMap,
  ) {
    this.family = FAMILIES[config.modelType];
    const { head } = this.family;
    this.layers = Array.from({ length: config.numHiddenLayers }, (_, i) => this.layer(i));
    this.head = { first: this.slot(head.first), second: this.slot(head.second) };
  }

  private parameter(name: string): Parameter {
    const parameter = this.standIns.get(name) ?? this.parameters.get(name);
    if (parameter === undefined) throw new Error(`\`${name}\`: expected this parameter, got none.`);
    return parameter;
  }

  private slot(path: string): LinearSlot {
    const layer = new Linear(this.parameter(`${path}.weight`), this.parameter(`${path}.bias`));
    const slot = { path, layer };
    this.linears.set(path, slot);
    return slot;
  }

  private norm(path: string): LayerNormParameters {
    const eps = this.config.layerNormEps;
    return { weight: this.parameter(`${path}.weight`), bias: this.parameter(`${path}.bias`), eps };
  }

  private layer(index: number): EncoderLayer {
    const { layers, layer } = this.family;
    const path = (name: keyof LayerPaths): string => `${layers}.${index}.${layer[name]}`;
    return {
      query: this.slot(path("query")),
      key: this.slot(path("key")),
      value: this.slot(path("value")),
      attentionOutput: this.slot(path("attentionOutput")),
      attentionNorm: path("attentionNorm"),
      intermediate: this.slot(path("intermediate")),
      output: this.slot(path("output")),
      outputNorm: path("outputNorm"),
    };
  }

  /**
   * @param onHidden sees the embeddings' output, then each layer's, [tokens, hidden]
   * @returns logits [batch, labels], to be disposed by the caller
   */
  forward(batch: Batch, context: ForwardContext, onHidden?: (hidden: Tensor2D, packed: PackedBatch) => void): Tensor2D {
    const { padTokenId, vocabSize, typeVocabSize } = this.config;
    const { positions } = this.family;
    const packed = packBatch(batch, {
      padTokenId,
      vocabSize,
      positions,
      typeVocabSize,
      maxTokens: maxTokens(this.config),
    });
    return tf.tidy(() => {
      let x = this.embed(packed, context); // [tokens, hidden]
      onHidden?.(x, packed);
      for (const layer of this.layers) {
        x = this.encode(x, layer, packed.sequences, context);
        onHidden?.(x, packed);
      }
      const first = tf.tensor1d(
        packed.sequences.map(({ start }) => start),
        "int32",
      );
      return this.classify(gatherRows(x, first), context); // [batch, labels]
    });
  }

  private embed(packed: PackedBatch, context: ForwardContext): Tensor2D {
    return tf.tidy(() => {
      const table = (name: string, indices: Tensor1D): Tensor2D =>
        gatherRows(this.parameter(`${this.family.prefix}.embeddings.${name}.weight`), indices);
      const ids = tf.tensor1d(packed.ids, "int32");
      const words = table("word_embeddings", ids);
      const positions = table("position_embeddings", tf.tensor1d(packed.positions, "int32"));
      const placed = sum(words, positions);
      const types = this.config.typeVocabSize > 0 ? packed.types : undefined;
      const typed = types ? sum(placed, table("token_type_embeddings", tf.tensor1d(types, "int32"))) : placed;
      const normal = layerNorm(typed, this.norm(`${this.family.prefix}.embeddings.LayerNorm`));
      return dropout(normal, this.config.hiddenDropoutProb, context.dropout);
    });
  }

  private encode(x: Tensor2D, layer: EncoderLayer, sequences: Sequence[], context: ForwardContext): Tensor2D {
    return tf.tidy(() => {
      const apply = (slot: LinearSlot, input: Tensor2D): Tensor2D => slot.layer.forward(input, context);
      const drop = (input: Tensor2D): Tensor2D => dropout(input, this.config.hiddenDropoutProb, context.dropout);
      const attended = attention(apply(layer.query, x), apply(layer.key, x), apply(layer.value, x), {
        heads: this.config.numAttentionHeads,
        sequences,
        rate: this.config.attentionProbsDropoutProb,
        dropout: context.dropout,
      });
      const middle = layerNorm(sum(drop(apply(layer.attentionOutput, attended)), x), this.norm(layer.attentionNorm));
      const inner = gelu(apply(layer.intermediate, middle)); // [tokens, inner]
      return layerNorm(sum(drop(apply(layer.output, inner)), middle), this.norm(layer.outputNorm));
    });
  }

  /** The head reads each row's first token. [batch, hidden] → [batch, labels] */
  private classify(token: Tensor2D, context: ForwardContext): Tensor2D {
    const { activation, dropoutFirst } = this.family.head;
    const drop = (x: Tensor2D): Tensor2D => dropout(x, this.config.classifierDropout, context.dropout);
    const first = this.head.first.layer.forward(dropoutFirst ? drop(token) : token, context);
    return this.head.second.layer.forward(drop(activation === "tanh" ? tanh(first) : relu(first)), context);
  }
}
