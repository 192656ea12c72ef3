/** Weights for the tests of operations. */
import { Parameter } from "../../lib/model/parameters";
import type { Tensor } from "../../lib/tensor/tensorflow";

/** A weight that does not learn. */
export function frozen(value: Tensor): Parameter {
  return new Parameter("w", value, false);
}
