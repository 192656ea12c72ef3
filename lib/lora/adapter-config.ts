/** A LoRA adapter's settings as adapter_config.json has them. */
import { FileFormatError } from "../files/errors";
import { type JsonObject, snakeCase } from "../files/json";
import type { Family } from "../model/families";
import { LoraConfig, type LoraOptions } from "./config";
import { LORA_OPTIONS, REFUSED, WITHOUT_EFFECT } from "./fields";

/**
 * The content of adapter_config.json, with the keys of PEFT 0.10 alone: older releases refuse others, newer ones fill them in.
 *
 * @param base the model it belongs to: name or folder, and kind
 */
export function toAdapterConfig(config: LoraConfig, base: { name: string; family: Family }): JsonObject {
  const { className, library } = base.family;
  return {
    alpha_pattern: config.alphaPattern,
    auto_mapping: config.taskType === undefined ? { base_model_class: className, parent_library: library } : null,
    base_model_name_or_path: base.name,
    ...(config.excludeModules === undefined ? {} : { exclude_modules: config.excludeModules }),
    bias: config.bias,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: config.initLoraWeights,
    layer_replication: null,
    layers_pattern: config.layersPattern ?? null,
    layers_to_transform: config.layersToTransform ?? null,
    loftq_config: {},
    ...(config.loraBias ? { lora_bias: true } : {}),
    lora_alpha: config.loraAlpha,
    lora_dropout: config.loraDropout,
    megatron_config: null,
    megatron_core: "megatron.core",
    modules_to_save: config.modulesToSave ?? null,
    peft_type: "LORA",
    r: config.r,
    rank_pattern: config.rankPattern,
    revision: null,
    target_modules: config.targetModules ?? null,
    task_type: config.taskType ?? null,
    use_dora: config.useDora,
    use_rslora: config.useRslora,
  };
}

/** The settings that are read, by their names in the file. */
const FIELDS = new Map(Object.keys(LORA_OPTIONS).map((option) => [snakeCase(option), option as keyof LoraOptions]));

/**
 * Reads the settings from adapter_config.json's content.
 *
 * @param file is named in errors
 * @throws {FileFormatError} a field has a wrong value, or is set and of another variant of LoRA, known or not
 */
export function fromAdapterConfig(json: JsonObject, file: string): LoraConfig {
  const fail = (problem: string): never => {
    throw new FileFormatError(file, problem);
  };
  if (json.peft_type !== "LORA") fail(`\`peft_type\`: expected "LORA", got ${JSON.stringify(json.peft_type)}.`);
  for (const [name, value] of Object.entries(json)) {
    if (FIELDS.has(name) || Object.hasOwn(WITHOUT_EFFECT, name) || !isSet(value)) continue;
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : "no field of PEFT 0.21's LoraConfig";
    fail(`\`${name}\`: expected it unset, got ${JSON.stringify(value)}: not supported: ${why}.`);
  }
  const options = Object.fromEntries(
    [...FIELDS].map(([name, option]) => [option, json[name] ?? undefined]),
  ) as LoraOptions;
  // How the matrices were started does not matter once they are saved, unless it changed the base's weights too.
  const init: unknown = options.initLoraWeights;
  if (typeof init === "string" && init.toLowerCase() === "gaussian") options.initLoraWeights = "gaussian";
  try {
    // The constructor checks every value, whatever its type.
    return new LoraConfig(options);
  } catch (error) {
    // The file's names, where the message has an option's.
    const message = error instanceof Error ? error.message : String(error);
    return fail(
      message.replaceAll(/`(\w+)`/g, (all, name) =>
        Object.hasOwn(LORA_OPTIONS, name) ? `\`${snakeCase(name)}\`` : all,
      ),
    );
  }
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
