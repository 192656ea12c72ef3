/**
 * Runs one exported base model with many LoRA adapters. The model comes from `exportOnnx(model, tokenizer, folder, { lora:
 * "inputs" })`, the adapter is a folder in PEFT's form; onnxruntime-web, onnxruntime-node and transformers.js run it alike:
 *
 *   const session = await ort.InferenceSession.create("web/onnx/model.onnx");
 *   const config = await (await fetch("web/adapter/adapter_config.json")).json();
 *   const bytes = await (await fetch("web/adapter/adapter_model.safetensors")).arrayBuffer();
 *   const adapter = applyAdapter(ort, config, bytes);
 *   const { logits } = await session.run({ input_ids, attention_mask, ...adapter });
 */

/** @typedef {{ dims: readonly number[] }} OrtTensor */
/** @typedef {{ Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OrtTensor }} Ort */
/** @typedef {{ lora_alpha: number, alpha_pattern?: Record<string, number> | null, use_rslora?: boolean }} AdapterConfig */

/**
 * An adapter's tensors as inputs of the model: another adapter, or none, is another object here and no new session.
 *
 * @param {Ort} ort onnxruntime, or anything with its class `Tensor`
 * @param {AdapterConfig} config content of adapter_config.json
 * @param {ArrayBuffer} bytes content of adapter_model.safetensors
 * @returns {Record<string, OrtTensor>} tensors by the names of the model's inputs
 */
export function applyAdapter(ort, config, bytes) {
  const headerLength = Number(new DataView(bytes).getBigUint64(0, true));
  const { __metadata__: _, ...header } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, headerLength)));
  /** @type {[string, { dtype: string, shape: number[], data_offsets: number[] }][]} */
  const entries = Object.entries(header);
  const tensors = entries.map(([name, { dtype, shape, data_offsets: offsets }]) => {
    if (dtype !== "F32") throw new RangeError(`\`${name}\`: expected F32, got ${dtype}.`);
    const [start, end] = offsets.map((offset) => 8 + headerLength + offset);
    const values = new Float32Array(bytes.slice(start, end));
    const [, path] = /^base_model\.model\.(.+)\.lora_B\.weight$/.exec(name) ?? [];
    const scaling = path === undefined ? 1 : scalingOf(config, path, Number(shape[1]));
    const scaled = values.map((value) => value * scaling);
    return [name, new ort.Tensor("float32", scaled, shape)];
  });
  return Object.fromEntries(tensors);
}

/**
 * The same inputs with matrices of rank 0: the base model as it was, but for a head or biases that the adapter has.
 *
 * @param {Ort} ort
 * @param {Record<string, OrtTensor>} adapter
 * @returns {Record<string, OrtTensor>}
 */
export function withoutUpdate(ort, adapter) {
  const tensors = Object.entries(adapter).map(([name, tensor]) => {
    const [, matrix] = /\.lora_([AB])\.weight$/.exec(name) ?? [];
    if (matrix === undefined) return [name, tensor];
    const [rows = 0, columns = 0] = tensor.dims;
    return [name, new ort.Tensor("float32", new Float32Array(0), matrix === "A" ? [0, columns] : [rows, 0])];
  });
  return Object.fromEntries(tensors);
}

/**
 * alpha / rank, or alpha / √rank; an alpha of its own for the layers that a pattern names.
 *
 * @param {AdapterConfig} config
 * @param {string} path
 * @param {number} rank
 */
function scalingOf({ lora_alpha, alpha_pattern, use_rslora }, path, rank) {
  const own = Object.entries(alpha_pattern ?? {}).find(([key]) => new RegExp(`^(?:.*\\.)?(?:${key})$`).test(path));
  return (own?.[1] ?? lora_alpha) / (use_rslora ? Math.sqrt(rank) : rank);
}
