/**
 * A classifier as an ONNX graph: token ids, mask and, where the model has them, token types to logits.
 * Axes: batch, sequence, hidden, heads, headSize, inner, labels, rank.
 */
import type { ModelConfig } from "../model/config";
import { FAMILIES, type Family, type LayerPaths, layerPaths, projectionPath } from "../model/families";
import { distanceBucket } from "../model/families/mpnet";
import { GraphBuilder } from "./builder";
import type { Graph } from "./proto";
import { type StoredWeights, WeightStorage } from "./storage";

/** The version of ONNX's operators; the first that has layer norms. */
export const OPSET = 17;

/** Added to the scores of padding: softmax makes 0 of it. */
const MASKED = -1e9;

/** What a graph is made from. */
export interface GraphSource extends StoredWeights {
  config: ModelConfig;
}

/** Builds the graph of a classifier. */
export function encoderGraph(source: GraphSource): Graph {
  return new EncoderGraph(source).build();
}

class EncoderGraph {
  readonly #graph = new GraphBuilder();
  readonly #weights: WeightStorage;
  readonly #family: Family;
  readonly #config: ModelConfig;

  constructor({ config, ...weights }: GraphSource) {
    this.#weights = new WeightStorage(this.#graph, weights);
    this.#family = FAMILIES[config.modelType];
    this.#config = config;
  }

  build(): Graph {
    const g = this.#graph;
    const ids = g.input("input_ids", "int64", ["batch", "sequence"]);
    const attentionMask = g.input("attention_mask", "int64", ["batch", "sequence"]);
    let x = this.#embed(ids); // [batch, sequence, hidden]
    const counts = g.cast(g.op("Unsqueeze", [attentionMask, g.ints(1, 2)]), "float32");
    const mask = g.op("Mul", [g.op("Sub", [g.float(1), counts]), g.float(MASKED)]); // [batch, 1, 1, sequence]
    const { relativeBias } = this.#family;
    const bias = relativeBias === undefined ? undefined : this.#distances(relativeBias, ids); // [1, heads, sequence, sequence]
    const scoresOf = bias === undefined ? mask : g.op("Add", [mask, bias]);
    const paths = layerPaths(this.#config);
    const last = paths.pop() as string;
    for (const path of paths) x = this.#encode(path, x, x, scoresOf);
    // The head reads each row's first token, so the last layer's answer is needed for those alone.
    const first = g.op("Slice", [x, g.ints(0), g.ints(1), g.ints(1)]); // [batch, 1, hidden]
    const ofFirst = bias === undefined ? mask : g.op("Slice", [scoresOf, g.ints(0), g.ints(1), g.ints(2)]);
    this.#classify(g.op("Squeeze", [this.#encode(last, first, x, ofFirst), g.ints(1)]));
    return g;
  }

  #embed(ids: string): string {
    const g = this.#graph;
    const { typeVocabSize } = this.#config;
    const embeddings = `${this.#family.prefix}.embeddings`;
    const words = this.#weights.rows(`${embeddings}.word_embeddings.weight`, ids);
    const places = this.#weights.rows(`${embeddings}.position_embeddings.weight`, this.#positions(ids));
    let x = g.op("Add", [words, places]);
    const types = `${embeddings}.token_type_embeddings.weight`;
    if (typeVocabSize > 1) {
      const given = g.input("token_type_ids", "int64", ["batch", "sequence"]);
      x = g.op("Add", [x, this.#weights.rows(types, given)]);
    } else if (typeVocabSize === 1) {
      x = g.op("Add", [x, this.#weights.parameter(types)]);
    }
    const normal = this.#norm(x, `${embeddings}.LayerNorm`);
    const projection = projectionPath(this.#config);
    return projection === undefined ? normal : this.#linear(normal, projection);
  }

  /** What attention adds by the distance of two tokens: `relativeBias` says how. [1, heads, sequence, sequence] */
  #distances(table: string, ids: string): string {
    const g = this.#graph;
    const most = this.#config.maxPositionEmbeddings;
    const buckets = g.store("distance_buckets", "int64", [2 * most + 1], () =>
      BigInt64Array.from({ length: 2 * most + 1 }, (_, i) => BigInt(distanceBucket(i - most))),
    );
    const length = g.op("Gather", [g.op("Shape", [ids]), g.int(1)]);
    const places = g.op("Range", [g.int(0), length, g.int(1)]);
    const distances = g.op("Sub", [g.op("Unsqueeze", [places, g.ints(0)]), g.op("Unsqueeze", [places, g.ints(1)])]);
    const rows = g.op("Gather", [buckets, g.op("Add", [distances, g.int(most)])]);
    const values = g.op("Gather", [this.#weights.parameter(table), rows]); // [sequence, sequence, heads]
    return g.op("Unsqueeze", [g.op("Transpose", [values], { perm: [2, 0, 1] }), g.ints(0)]);
  }

  /** Rows of the position table, [batch, sequence] or [1, sequence]; `packBatch` says how they are counted. */
  #positions(ids: string): string {
    const g = this.#graph;
    if (this.#family.positions === "after padding") {
      const padding = g.int(this.#config.padTokenId);
      const counts = g.cast(g.op("Not", [g.op("Equal", [ids, padding])]), "int64");
      return g.op("Add", [g.op("Mul", [g.op("CumSum", [counts, g.int(1)]), counts]), padding]);
    }
    const length = g.op("Gather", [g.op("Shape", [ids]), g.int(1)]);
    return g.op("Unsqueeze", [g.op("Range", [g.int(0), length, g.int(1)]), g.ints(0)]);
  }

  /** One layer: what `own` becomes when it attends to `all`. [batch, queries, hidden] → [batch, queries, hidden] */
  #encode(layer: string, own: string, all: string, mask: string): string {
    const g = this.#graph;
    const { hiddenSize, numAttentionHeads: heads } = this.#config;
    const headSize = hiddenSize / heads;
    const path = (name: keyof LayerPaths): string => `${layer}.${this.#family.layer[name]}`;
    const perHead = (x: string, perm: number[]): string =>
      g.op("Transpose", [g.op("Reshape", [x, g.ints(0, 0, heads, headSize)])], { perm });
    const query = perHead(this.#linear(own, path("query")), [0, 2, 1, 3]); // [batch, heads, queries, headSize]
    const key = perHead(this.#linear(all, path("key")), [0, 2, 3, 1]); // [batch, heads, headSize, sequence]
    const value = perHead(this.#linear(all, path("value")), [0, 2, 1, 3]); // [batch, heads, sequence, headSize]
    const scores = g.op("Mul", [g.op("MatMul", [query, key]), g.float(1 / Math.sqrt(headSize))]);
    const shares = g.op("Softmax", [g.op("Add", [scores, mask])], { axis: -1 });
    const joined = g.op("Transpose", [g.op("MatMul", [shares, value])], { perm: [0, 2, 1, 3] });
    const attended = g.op("Reshape", [joined, g.ints(0, 0, hiddenSize)]); // [batch, queries, hidden]
    const output = this.#linear(attended, path("attentionOutput"));
    const middle = this.#norm(g.op("Add", [output, own]), path("attentionNorm"));
    const act = this.#config.hiddenAct === "gelu_new" ? this.#geluTanh : this.#gelu;
    const inner = act.call(this, this.#linear(middle, path("intermediate"))); // [batch, queries, inner]
    return this.#norm(g.op("Add", [this.#linear(inner, path("output")), middle]), path("outputNorm"));
  }

  /** [batch, hidden] → the output "logits", [batch, labels] */
  #classify(token: string): void {
    const { first, second, activation } = this.#family.head;
    const x = this.#linear(token, first);
    const inner = activation === "gelu" ? this.#gelu(x) : this.#graph.op(activation === "tanh" ? "Tanh" : "Relu", [x]);
    this.#graph.output(this.#linear(inner, second), "logits", ["batch", this.#config.id2label.length]);
  }

  /** [..., in] → [..., out] */
  #linear(x: string, path: string): string {
    const product = this.#weights.product(x, `${path}.weight`);
    const update = this.#weights.update(x, path);
    const sum = update === undefined ? product : this.#graph.op("Add", [product, update]);
    return this.#graph.op("Add", [sum, this.#weights.parameter(`${path}.bias`)]);
  }

  #norm(x: string, path: string): string {
    const parts = [this.#weights.parameter(`${path}.weight`), this.#weights.parameter(`${path}.bias`)];
    return this.#graph.op("LayerNormalization", [x, ...parts], { epsilon: { float: this.#config.layerNormEps } });
  }

  /** x · ½ (1 + erf(x / √2)) */
  #gelu(x: string): string {
    const g = this.#graph;
    const erf = g.op("Erf", [g.op("Mul", [x, g.float(Math.SQRT1_2)])]);
    return g.op("Mul", [g.op("Mul", [x, g.op("Add", [erf, g.float(1)])]), g.float(0.5)]);
  }

  /** x · ½ (1 + tanh(√(2/π) · (x + 0.044715 x³))) */
  #geluTanh(x: string): string {
    const g = this.#graph;
    const cubic = g.op("Add", [g.op("Mul", [g.op("Mul", [x, x]), g.float(0.044715)]), g.float(1)]);
    const inner = g.op("Mul", [g.op("Mul", [x, cubic]), g.float(Math.sqrt(2 / Math.PI))]);
    return g.op("Mul", [g.op("Mul", [x, g.op("Add", [g.op("Tanh", [inner]), g.float(1)])]), g.float(0.5)]);
  }
}
