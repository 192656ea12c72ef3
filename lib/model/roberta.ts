/**
 * RoBERTa for sequence classification (Liu et al., 2019; Hugging Face's `RobertaForSequenceClassification`), over packed tokens.
 * Axes: batch, tokens, hidden, inner, labels.
 */
import { dropout } from "../runtime/dropout";
import { type Tensor1D, type Tensor2D, tf } from "../runtime/tensorflow";
import { attention } from "./attention";
import { maxTokens, type RobertaConfig } from "./config";
import {
  type ForwardContext,
  gatherRows,
  gelu,
  type LayerNormParameters,
  Linear,
  type LinearSlot,
  layerNorm,
  sum,
  tanh,
} from "./layers";
import { type Batch, type PackedBatch, packBatch, type Sequence } from "./packing";
import type { Parameter, ParameterMap } from "./parameters";

/** Names and shapes of all tensors of the model, in its order. */
export function robertaShapes(config: RobertaConfig): Map<string, number[]> {
  const { hiddenSize: hidden, intermediateSize: inner } = config;
  const shapes = new Map<string, number[]>();
  const norm = (path: string): void => void shapes.set(`${path}.weight`, [hidden]).set(`${path}.bias`, [hidden]);
  const linear = (path: string, outFeatures: number, inFeatures: number): void =>
    void shapes.set(`${path}.weight`, [outFeatures, inFeatures]).set(`${path}.bias`, [outFeatures]);
  const embeddings = "roberta.embeddings";
  shapes.set(`${embeddings}.word_embeddings.weight`, [config.vocabSize, hidden]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [config.maxPositionEmbeddings, hidden]);
  shapes.set(`${embeddings}.token_type_embeddings.weight`, [config.typeVocabSize, hidden]);
  norm(`${embeddings}.LayerNorm`);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `roberta.encoder.layer.${i}`;
    for (const name of ["query", "key", "value"]) linear(`${layer}.attention.self.${name}`, hidden, hidden);
    linear(`${layer}.attention.output.dense`, hidden, hidden);
    norm(`${layer}.attention.output.LayerNorm`);
    linear(`${layer}.intermediate.dense`, inner, hidden);
    linear(`${layer}.output.dense`, hidden, inner);
    norm(`${layer}.output.LayerNorm`);
  }
  linear("classifier.dense", hidden, hidden);
  linear("classifier.out_proj", config.id2label.length, hidden);
  return shapes;
}

interface EncoderLayer {
  query: LinearSlot;
  key: LinearSlot;
  value: LinearSlot;
  attentionOutput: LinearSlot;
  attentionNorm: LayerNormParameters;
  intermediate: LinearSlot;
  output: LinearSlot;
  outputNorm: LayerNormParameters;
}

/** The network of a RoBERTa classifier; it knows its parameters, not where they came from or how they learn. */
export class RobertaNetwork {
  /** The linear layers by module path, in the order of the model. */
  readonly linears = new Map<string, LinearSlot>();
  private readonly layers: EncoderLayer[];
  private readonly embeddingNorm: LayerNormParameters;
  private readonly head: { dense: LinearSlot; outProj: LinearSlot };

  constructor(
    readonly config: RobertaConfig,
    readonly parameters: ParameterMap,
  ) {
    this.embeddingNorm = this.norm("roberta.embeddings.LayerNorm");
    this.layers = Array.from({ length: config.numHiddenLayers }, (_, i) => this.layer(`roberta.encoder.layer.${i}`));
    this.head = { dense: this.slot("classifier.dense"), outProj: this.slot("classifier.out_proj") };
  }

  private parameter(name: string): Parameter {
    const parameter = this.parameters.get(name);
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

  private layer(path: string): EncoderLayer {
    return {
      query: this.slot(`${path}.attention.self.query`),
      key: this.slot(`${path}.attention.self.key`),
      value: this.slot(`${path}.attention.self.value`),
      attentionOutput: this.slot(`${path}.attention.output.dense`),
      attentionNorm: this.norm(`${path}.attention.output.LayerNorm`),
      intermediate: this.slot(`${path}.intermediate.dense`),
      output: this.slot(`${path}.output.dense`),
      outputNorm: this.norm(`${path}.output.LayerNorm`),
    };
  }

  /**
   * @param onHidden sees the embeddings' output, then each layer's, [tokens, hidden]
   * @returns logits [batch, labels], to be disposed by the caller
   */
  forward(batch: Batch, context: ForwardContext, onHidden?: (hidden: Tensor2D, packed: PackedBatch) => void): Tensor2D {
    const { padTokenId, vocabSize } = this.config;
    const packed = packBatch(batch, { padTokenId, vocabSize, maxTokens: maxTokens(this.config) });
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
        gatherRows(this.parameter(`roberta.embeddings.${name}.weight`), indices);
      const ids = tf.tensor1d(packed.ids, "int32");
      const words = table("word_embeddings", ids);
      const types = table("token_type_embeddings", tf.zerosLike(ids));
      const positions = table("position_embeddings", tf.tensor1d(packed.positions, "int32"));
      const normal = layerNorm(sum(sum(words, types), positions), this.embeddingNorm);
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
      const middle = layerNorm(sum(drop(apply(layer.attentionOutput, attended)), x), layer.attentionNorm);
      const inner = gelu(apply(layer.intermediate, middle)); // [tokens, inner]
      return layerNorm(sum(drop(apply(layer.output, inner)), middle), layer.outputNorm);
    });
  }

  /** The head reads each row's first token. [batch, hidden] → [batch, labels] */
  private classify(first: Tensor2D, context: ForwardContext): Tensor2D {
    const rate = this.config.classifierDropout ?? this.config.hiddenDropoutProb;
    const dense = this.head.dense.layer.forward(dropout(first, rate, context.dropout), context);
    return this.head.outProj.layer.forward(dropout(tanh(dense), rate, context.dropout), context);
  }
}
