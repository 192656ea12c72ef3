/** How far our numbers may be from the reference's; test/fixtures/README.md says where the values come from. */

/** Largest absolute difference of logits and hidden states, also of a merged model. */
export const LOGITS = 2e-5;

/** Largest absolute difference of a batch's loss. */
export const LOSS = 1e-5;

/** Gradients: absolute plus a share of the expected value; their norm: a share. */
export const GRADIENTS = { absolute: 1e-5, relative: 1e-4, norm: 1e-4 };

/** Twenty steps of AdamW with 32-bit state: loss (absolute) and norm (share) of each step, then weights and logits at the end. */
export const ADAMW_RUN = { loss: 2e-5, norm: 1e-4, weights: 2e-5, logits: 5e-5 };

/** Twenty steps with 8-bit state: as above, but only `share` of the weights must be within `weights`. */
export const ADAMW_8BIT_RUN = { loss: 1e-4, norm: 1e-3, weights: 1e-4, share: 0.99, logits: 2e-2 };

/** One tensor, 8-bit: share of equal codes, block maxima (share), parameters of elements with equal codes (absolute). */
export const PLAIN = { equalCodes: 0.995, absmax: 1e-5, parameters: 1e-6 };

/** One tensor whose gradients differ by decades: `share` of the parameters within `parameters`. */
export const HARSH = { parameters: 1e-4, share: 0.98 };

/** A Trainer's log: loss, evaluation loss and gradient norm. */
export const TRAINER_LOG = 1e-4;

/** A model whose frozen matrices are bfloat16, against the reference's float32: logits and a batch's loss, absolute. */
export const BFLOAT16 = { logits: 2e-2, loss: 1e-2 };

/** Twenty steps of AdamW over such a model: loss (absolute) and norm (share) of each step, logits at the end. */
export const BFLOAT16_RUN = { loss: 5e-3, norm: 5e-2, logits: 2e-2 };
