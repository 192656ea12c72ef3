/** Every field of PEFT 0.21's LoraConfig: which work here, which change nothing, and why the others are refused. */
import { snakeCase } from "../files/json";
import type { OptionKinds } from "../process/options";
import type { LoraOptions } from "./options";

/** Names and kinds of {@link LoraOptions}; in files they are written in snake_case. */
export const LORA_OPTIONS: OptionKinds<LoraOptions> = {
  r: "number",
  targetModules: ["list", "string"],
  excludeModules: ["list", "string"],
  loraAlpha: "number",
  loraDropout: "number",
  bias: "string",
  useRslora: "boolean",
  modulesToSave: "list",
  initLoraWeights: ["boolean", "string"],
  layersToTransform: ["list", "number"],
  layersPattern: ["list", "string"],
  rankPattern: "object",
  alphaPattern: "object",
  useDora: "boolean",
  loraBias: "boolean",
  taskType: "string",
};

/** What is particular about a field that works, by its name in files. */
const NOTES: Readonly<Record<string, string>> = {
  task_type: '"SEQ_CLS" or none',
  target_modules: 'linear layers: a list, an expression, or "all-linear"',
  lora_alpha: "any finite number, as in PEFT: 0 switches the update off, a negative one turns it round",
  init_lora_weights:
    'true, false, "gaussian", "orthogonal"; "pissa", "olora", "eva" and the like are refused, in files too: they change the model\'s own weights or need data',
  use_dora: "with all of training and merging; the lengths of the rows are computed without the sum of both matrices",
  lora_bias: "with init_lora_weights true or false, as in PEFT",
  bias: "trained in place, as PEFT does",
};

/** Fields that are read from files and change no result here, with the reason. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  peft_type: 'read: "LORA" is expected',
  peft_version: "says who wrote the file",
  auto_mapping: "names Python's class of the model",
  base_model_name_or_path: "says where the model came from",
  revision: "says where the model came from",
  inference_mode: "whether an adapter is trained is said at loading: isTrainable",
  loftq_config: 'counts with init_lora_weights "loftq" alone, which is refused',
  megatron_core: "counts with megatron_config alone, which is refused",
  qalora_group_size: "counts with use_qalora alone, which is refused",
  runtime_config: "where Python keeps its tensors",
  ensure_weight_tying: "none of these classifiers ties weights",
};

/** Fields that are refused where they are set, with the reason. */
export const REFUSED: Readonly<Record<string, string>> = {
  fan_in_fan_out: "for layers that hold their matrix transposed (GPT-2's Conv1D); none of these models has one",
  use_qalora: "for models quantized by GPTQ, which are not read here",
  use_bdlora: "block-diagonal matrices are for serving on several accelerators",
  layer_replication: "it builds a model of other layers than its file has",
  megatron_config: "for models split over machines by Megatron",
  trainable_token_indices: "single rows of a table cannot be trained; modulesToSave trains the whole table",
  target_parameters: "for parameters that are no layer's matrix (mixtures of experts); none of these models has any",
  eva_config: "EVA's first values need data before training",
  corda_config: "CorDA's first values need data before training",
  lora_ga_config: "LoRA-GA's first values need gradients before training",
  velora_config: "VeLoRA's compressed activations are not computed here",
  alora_invocation_tokens: "activated LoRA is for models that write texts",
  monteclora_config: "Monte Carlo sampling of adapters is not done here",
  arrow_config: "routing between several adapters is not done here",
  kasa_config: "KaSA's singular values are not computed here",
};

/** The table of docs/peft.md. */
export function fieldTable(): string {
  const works = Object.keys(LORA_OPTIONS).map((option) => {
    const name = snakeCase(option);
    return [name, `works: \`${option}\``, NOTES[name] ?? ""];
  });
  const rows = [
    ...works,
    ...Object.entries(WITHOUT_EFFECT).map(([name, why]) => [name, "read from files, no option", why]),
    ...Object.entries(REFUSED).map(([name, why]) => [name, "refused by name", why]),
  ];
  const lines = rows.map(([name, state, note]) => `| \`${name}\` | ${state} | ${note} |`);
  return ["| field of PEFT's LoraConfig | here | |", "|---|---|---|", ...lines].join("\n");
}
