/** Checks data and model of what was typed before TensorFlow is loaded. */
import { checkData } from "../../lib/runs/data";
import { RUN_DEFAULTS, type RunParameters } from "../../lib/runs/parameters";
import { UsageError } from "./command-line";
import { asTyped } from "./options";

/**
 * @param given what was typed of a run's parameters
 * @throws {UsageError} data, model and parameters do not fit each other
 */
export async function checkBeforehand(given: Partial<RunParameters>): Promise<void> {
  try {
    await checkData({ ...RUN_DEFAULTS, ...given });
  } catch (error) {
    throw new UsageError(asTyped(error instanceof Error ? error.message : String(error)));
  }
}
