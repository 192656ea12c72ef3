/** The callbacks of a run, apart from its other settings, which are read where TensorFlow is not loaded. */
import type { TrainerCallback } from "../train/callbacks";
import { JsonlLogCallback } from "./log-callback";
import type { RunParameters } from "./parameters";
import { runPaths } from "./run-folder";
import { TensorBoardCallback } from "./tensorboard";

/** What a run of the notebook and of `train` writes while it trains. @param out the run's folder */
export function callbacksFor({ saveSteps, tensorboard }: RunParameters, out: string): TrainerCallback[] {
  const paths = runPaths(out);
  return [
    new JsonlLogCallback(paths.log),
    ...(tensorboard ? [new TensorBoardCallback(paths.tensorboard)] : []),
    ...(saveSteps > 0 ? [saveEvery(saveSteps)] : []),
  ];
}

/** Saves a checkpoint every few steps, besides those of the Trainer's arguments. */
export function saveEvery(steps: number): TrainerCallback {
  return {
    onStepEnd({ state, control }) {
      if (state.globalStep % steps === 0) control.shouldSave = true;
    },
  };
}
