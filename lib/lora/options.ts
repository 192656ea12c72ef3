/** What a LoraConfig can be given. */

/** Initial values of the two matrices. */
export type LoraInit = boolean | "gaussian" | "orthogonal";

/** Which biases are trained beside the two matrices. */
export type LoraBias = "none" | "all" | "lora_only";

/** Options of a LoraConfig; the defaults are PEFT's. */
export interface LoraOptions {
  /** Rank of the two matrices (default 8). */
  r?: number;
  /** The update is scaled by loraAlpha / r (default 8); any finite number. */
  loraAlpha?: number;
  /** Dropout in front of A, in [0, 1) (default 0). */
  loraDropout?: number;
  /**
   * Linear layers that get an adapter: names that their paths end with, a regular expression (Python's) of the whole
   * path, or "all-linear" for every linear layer but the head of SEQ_CLS (default: queries and values).
   */
  targetModules?: readonly string[] | string;
  /** Layers that get no adapter though targetModules names them: ends of paths, or an expression of the whole path (default none). */
  excludeModules?: readonly string[] | string;
  /** "SEQ_CLS" also trains a copy of the classification head, as today's PEFT does; default: the head stays frozen. */
  taskType?: "SEQ_CLS";
  /** Scale by loraAlpha / √r instead (Kalajdzievski, 2023; default false). */
  useRslora?: boolean;
  /** Modules, by the end of their paths, that are trained whole and saved with the adapter (default none; SEQ_CLS adds the head). */
  modulesToSave?: readonly string[];
  /** Ranks of single layers, by a regular expression that matches the end of a path; the first match counts (default none). */
  rankPattern?: Readonly<Record<string, number>>;
  /** Alphas of single layers, in the same way (default none). */
  alphaPattern?: Readonly<Record<string, number>>;
  /** Numbers of the encoder layers that are adapted (default all); for a list of targetModules only. */
  layersToTransform?: readonly number[] | number;
  /** Name of the list that holds the layers, where several are numbered; needs layersToTransform (default: any). */
  layersPattern?: readonly string[] | string;
  /** Train the biases of "all" layers, or of the adapted ones, "lora_only": in place, so they stay without the adapter (default "none"). */
  bias?: LoraBias;
  /**
   * DoRA (Liu et al., 2024): learn the length of each of the weight's rows beside their direction (default false). Costs about
   * one more pass over each adapted matrix a step.
   */
  useDora?: boolean;
  /** Whether B has a bias, which is trained too and scaled as the update is (default false). */
  loraBias?: boolean;
  /**
   * true: A uniform, B zero; "gaussian": A normal with deviation 1 / r, B zero; "orthogonal": neither is zero but B · A is,
   * with even ranks; false: both uniform (default true).
   */
  initLoraWeights?: LoraInit;
}
