/** Whether workers that make the same updates still have the same weights. */
import { createHash } from "node:crypto";
import type { Classifier } from "../../model/classifier";
import type { WorkerGroup } from "../../parallel/group";

/**
 * Checks the trained weights of all workers, bit by bit.
 *
 * @throws {RangeError} a worker has others than worker 0
 */
export async function checkSameWeights(model: Classifier, group: WorkerGroup | undefined): Promise<void> {
  if (group === undefined) return;
  const digest = createHash("sha256");
  for (const parameter of model.trainableParameters()) digest.update(parameter.values());
  const remedy = "The machines round differently: use machines of one kind, with as many cores for each worker.";
  await group.agree("the trained weights", digest.digest("hex"), remedy);
}
