/**
 * BERT-like encoders with a classification head (Hugging Face's `…ForSequenceClassification`), over packed tokens.
 * Axes: batch, tokens, hidden, inner, labels.
 */
import { recomputed } from "../tensor/autodiff";
import { dropout } from "../tensor/dropout";
import { gelu, relu, tanh } from "../tensor/ops/activation";
import { attention } from "../tensor/ops/attention/attention";
import type { Span } from "../tensor/ops/attention/input";
import { asDtype, gatherRows, sum } from "../tensor/ops/basics";
import { geluTanh } from "../tensor/ops/gelu-tanh";
import { addBias, type Projection } from "../tensor/ops/linear";
import { addNorm, type LayerNormParameters, layerNorm } from "../tensor/ops/norm";
import type { FloatDtype } from "../tensor/raw-op";
import { type Tensor1D, type Tensor2D, tf } from "../tensor/tensorflow";
import { type ModelConfig, maxTokens } from "./config";
import {
  FAMILIES,
  type Family,
  type HeadActivation,
  type HiddenAct,
  type LayerPaths,
  layerPaths,
  projectionPath,
} from "./families";
import { type ForwardContext, Linear, type LinearSlot } from "./linear";
import { type Batch, type PackedBatch, packBatch } from "./packing";
import type { Parameter, ParameterMap } from "./parameters";
import { relativeBias } from "./relative-bias";

/** Activations by their names; each adds the projection's bias. */
const ACTIVATIONS: Readonly<Record<HiddenAct | HeadActivation, (x: Projection) => Tensor2D>> = {
  gelu,
  gelu_new: geluTanh,
  tanh: (x) => tanh(addBias(x)),
  relu: (x) => relu(addBias(x)),
};

/** Names and shapes of all tensors of a classifier, in the model's order. */
export function tensorShapes(config: ModelConfig): Map<string, number[]> {
  const { hiddenSize: hidden, intermediateSize: inner, embeddingSize: width } = config;
  const family: Family = FAMILIES[config.modelType];
  const shapes = new Map<string, number[]>();
  const norm = (path: string, size = hidden): void =>
    void shapes.set(`${path}.weight`, [size]).set(`${path}.bias`, [size]);
  const linear = (path: string, outFeatures: number, inFeatures: number): void =>
    void shapes.set(`${path}.weight`, [outFeatures, inFeatures]).set(`${path}.bias`, [outFeatures]);
  const embeddings = `${family.prefix}.embeddings`;
  shapes.set(`${embeddings}.word_embeddings.weight`, [config.vocabSize, width]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [config.maxPositionEmbeddings, width]);
  if (config.typeVocabSize > 0) shapes.set(`${embeddings}.token_type_embeddings.weight`, [config.typeVocabSize, width]);
  norm(`${embeddings}.LayerNorm`, width);
  const projection = projectionPath(config);
  if (projection !== undefined) linear(projection, hidden, width);
  for (const path of new Set(layerPaths(config))) {
    const part = (name: keyof LayerPaths): string => `${path}.${family.layer[name]}`;
    for (const name of ["query", "key", "value", "attentionOutput"] as const) linear(part(name), hidden, hidden);
    norm(part("attentionNorm"));
    linear(part("intermediate"), inner, hidden);
    linear(part("output"), hidden, inner);
    norm(part("outputNorm"));
  }
  if (family.relativeBias !== undefined) {
    shapes.set(family.relativeBias, [config.relativeAttentionNumBuckets, config.numAttentionHeads]);
  }
  linear(family.head.first, hidden, hidden);
  linear(family.head.second, config.id2label.length, hidden);
  return shapes;
}

/** Which tokens attend to which; `rows` selects the querying tokens where they are not all. */
interface Queries {
  spans: readonly Span[];
  packed: PackedBatch;
  rows?: Tensor1D;
}

/** A layer's linear layers, and the paths of its layer norms. */
type EncoderLayer = Record<Exclude<keyof LayerPaths, "attentionNorm" | "outputNorm">, LinearSlot> &
  Record<"attentionNorm" | "outputNorm", string>;

/** The network of a classifier; it knows its parameters, not where they came from or how they learn. */
export class EncoderNetwork {
  /** The linear layers by module path, in the order of the model. */
  readonly linears = new Map<string, LinearSlot>();
  /** Replacements of the model's own tables and layer norms, by the names of those. */
  readonly standIns: ParameterMap = new Map();
  readonly #projection: LinearSlot | undefined;
  readonly #layers: EncoderLayer[];
  readonly #head: { first: LinearSlot; second: LinearSlot };
  readonly #family: Family;

  /** @param dtype of the layers' frozen weights, and of what passes between them */
  constructor(
    readonly config: ModelConfig,
    readonly parameters: ParameterMap,
    readonly dtype: FloatDtype = "float32",
  ) {
    this.#family = FAMILIES[config.modelType];
    const { head } = this.#family;
    const projection = projectionPath(config);
    this.#projection = projection === undefined ? undefined : this.#slot(projection);
    const paths = layerPaths(config);
    const layers = new Map([...new Set(paths)].map((path) => [path, this.#layer(path)]));
    this.#layers = paths.map((path) => layers.get(path) as EncoderLayer);
    this.#head = { first: this.#slot(head.first), second: this.#slot(head.second) };
  }

  #parameter(name: string): Parameter {
    const parameter = this.standIns.get(name) ?? this.parameters.get(name);
    if (parameter === undefined) throw new Error(`\`${name}\`: expected this parameter, got none.`);
    return parameter;
  }

  #slot(path: string): LinearSlot {
    const layer = new Linear(this.#parameter(`${path}.weight`), this.#parameter(`${path}.bias`));
    const slot = { path, layer };
    this.linears.set(path, slot);
    return slot;
  }

  #norm(path: string): LayerNormParameters {
    const eps = this.config.layerNormEps;
    return { weight: this.#parameter(`${path}.weight`), bias: this.#parameter(`${path}.bias`), eps };
  }

  #layer(own: string): EncoderLayer {
    const path = (name: keyof LayerPaths): string => `${own}.${this.#family.layer[name]}`;
    return {
      query: this.#slot(path("query")),
      key: this.#slot(path("key")),
      value: this.#slot(path("value")),
      attentionOutput: this.#slot(path("attentionOutput")),
      attentionNorm: path("attentionNorm"),
      intermediate: this.#slot(path("intermediate")),
      output: this.#slot(path("output")),
      outputNorm: path("outputNorm"),
    };
  }

  /**
   * @param onHidden called with the embeddings' output, then each layer's, [tokens, hidden]
   * @returns logits [batch, labels], to be disposed by the caller
   */
  forward(batch: Batch, context: ForwardContext, onHidden?: (hidden: Tensor2D) => void): Tensor2D {
    const { padTokenId, vocabSize, typeVocabSize } = this.config;
    const { positions } = this.#family;
    const packed = packBatch(batch, {
      padTokenId,
      vocabSize,
      positions,
      typeVocabSize,
      maxTokens: maxTokens(this.config),
    });
    const { sequences } = packed;
    return tf.tidy(() => {
      let x = this.#embed(packed, context); // [tokens, hidden]
      onHidden?.(x);
      const all = sequences.map(({ start, length, hidden }) => {
        return { queryStart: start, queries: length, keyStart: start + hidden, keys: length - hidden };
      });
      for (const layer of this.#layers.slice(0, -1)) {
        const input = x;
        x = this.#encodeOrRepeat(input, layer, { spans: all, packed }, context);
        if (onHidden === undefined) input.dispose(); // the backward pass has its own handles
        onHidden?.(x);
      }
      // The head reads each row's first token, so the last layer's answer is needed for those alone.
      const last = this.#layers.at(-1) as EncoderLayer;
      const rows = tf.tensor1d(
        sequences.map(({ start }) => start),
        "int32",
      );
      if (onHidden !== undefined) onHidden(this.#encode(x, last, { spans: all, packed }, context));
      const first = all.map((span, i) => ({ ...span, queryStart: i, queries: 1 }));
      return this.#classify(this.#encode(x, last, { spans: first, packed, rows }, context), context); // [batch, labels]
    });
  }

  #embed(packed: PackedBatch, context: ForwardContext): Tensor2D {
    return tf.tidy(() => {
      const table = (name: string, indices: Tensor1D): Tensor2D =>
        gatherRows(this.#parameter(`${this.#family.prefix}.embeddings.${name}.weight`), indices);
      const ids = tf.tensor1d(packed.ids, "int32");
      const words = table("word_embeddings", ids);
      const positions = table("position_embeddings", tf.tensor1d(packed.positions, "int32"));
      const placed = sum(words, positions);
      const types = this.config.typeVocabSize > 0 ? packed.types : undefined;
      const typed = types ? sum(placed, table("token_type_embeddings", tf.tensor1d(types, "int32"))) : placed;
      const normal = layerNorm(typed, this.#norm(`${this.#family.prefix}.embeddings.LayerNorm`));
      const dropped = dropout(normal, this.config.hiddenDropoutProb, context.dropout);
      const { layer } = this.#projection ?? {};
      return layer ? addBias(layer.forward({ exact: dropped, rounded: dropped }, context)) : dropped;
    });
  }

  /** As `#encode`; with gradient checkpointing the backward pass computes the layer again, with the same masks. */
  #encodeOrRepeat(x: Tensor2D, layer: EncoderLayer, queries: Queries, context: ForwardContext): Tensor2D {
    if (!context.gradientCheckpointing) return this.#encode(x, layer, queries, context);
    const masks = context.dropout?.fork();
    let first = true;
    return recomputed(x, (input) => {
      const dropout = first ? context.dropout : masks?.fork();
      first = false;
      return this.#encode(input, layer, queries, dropout === undefined ? {} : { dropout });
    });
  }

  /** One layer. [tokens, hidden] → [queries, hidden] */
  #encode(x: Tensor2D, layer: EncoderLayer, queries: Queries, context: ForwardContext): Tensor2D {
    const { numAttentionHeads: heads, hiddenDropoutProb, attentionProbsDropoutProb: rate } = this.config;
    const { dropout } = context;
    const apply = (slot: LinearSlot, exact: Tensor2D, rounded: Tensor2D): Projection =>
      slot.layer.forward({ exact, rounded }, context);
    const norm = (projection: Projection, residual: Tensor2D, path: string): Tensor2D =>
      addNorm(projection, residual, this.#norm(path), { rate: hiddenDropoutProb, dropout });
    return tf.tidy(() => {
      const { spans, rows, packed } = queries;
      const { relativeBias: table } = this.#family;
      const bias = table === undefined ? table : relativeBias(this.#parameter(table), packed, rows !== undefined);
      const own = rows === undefined ? x : gatherRows(x, rows); // [queries, hidden]
      const rounded = asDtype(x, this.dtype);
      const query = apply(layer.query, own, rows === undefined ? rounded : asDtype(own, this.dtype));
      const [key, value] = [apply(layer.key, x, rounded), apply(layer.value, x, rounded)];
      const attended = attention(query, key, value, { heads, spans, rate, dropout, bias });
      const middle = norm(apply(layer.attentionOutput, attended, attended), own, layer.attentionNorm);
      const activation = ACTIVATIONS[this.config.hiddenAct];
      const inner = activation(apply(layer.intermediate, middle, asDtype(middle, this.dtype))); // [queries, inner]
      return norm(apply(layer.output, inner, inner), middle, layer.outputNorm);
    });
  }

  /** The head reads each row's first token. [batch, hidden] → [batch, labels] */
  #classify(token: Tensor2D, context: ForwardContext): Tensor2D {
    const { activation, dropoutFirst } = this.#family.head;
    const drop = (x: Tensor2D): Tensor2D => dropout(x, this.config.classifierDropout, context.dropout);
    const apply = (slot: LinearSlot, x: Tensor2D): Projection => slot.layer.forward({ exact: x, rounded: x }, context);
    const first = ACTIVATIONS[activation](apply(this.#head.first, dropoutFirst ? drop(token) : token));
    return addBias(apply(this.#head.second, drop(first)));
  }
}
