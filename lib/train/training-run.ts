/** The training loop: steps, and what is due after each step and epoch. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Dataset } from "../data/dataset";
import type { TokenizedRow } from "../data/rows";
import type { Objective } from "../evaluate/objective";
import type { Classifier } from "../model/classifier";
import type { WorkerGroup } from "../parallel/group";
import { EvaluationStopped, nextTurn } from "../process/interrupt";
import { tf } from "../tensor/tensorflow";
import type { ResolvedArguments } from "./arguments";
import { noteCheckpoint, noteEvaluation } from "./best-metric";
import type { StepReport, TrainerControl, TrainerEvent, TrainerState } from "./callbacks";
import {
  type CheckpointContent,
  checkpointFolder,
  lastCheckpoint,
  lastWholeCheckpoint,
  type Progress,
  readCheckpoint,
  removeOldCheckpoints,
  writeCheckpoint,
} from "./checkpoint";
import { requestAfterEpoch, requestAfterStep } from "./control";
import { noteBadStep, warnOfGrowth } from "./guards/bad-numbers";
import { LeakGuard } from "./guards/leaks";
import { waysToSaveMemory } from "./guards/memory-estimate";
import { withMemoryAdvice } from "./guards/out-of-memory";
import type { EventName, Listeners } from "./listeners";
import { LossWindow } from "./loss-window";
import type { Optimizer, OptimizerSummary } from "./optim/optimizer";
import { learningRateAt } from "./optim/schedule";
import type { TrainingPlan } from "./plan";
import { type MadeStep, sharedTrainStep, trainStep } from "./train-step";
import { checkSameWeights } from "./workers/same-weights";

/** Everything that a run needs from its Trainer. */
export interface RunParts {
  model: Classifier;
  args: ResolvedArguments;
  control: TrainerControl;
  objective: Objective | undefined;
  rows: readonly TokenizedRow[];
  /** Where the rows' texts are. */
  trainDataset?: Dataset;
  plan: TrainingPlan;
  /** Freed with the run. */
  optimizer: Optimizer;
  /** State at its start. */
  state: TrainerState;
  /** Ends the run after the step under way when it is aborted. */
  signal: AbortSignal;
  tokenizer?: CheckpointContent["tokenizer"];
  listeners: Listeners;
  /** The workers among which the run is shared out. */
  group: WorkerGroup | undefined;
  emit(name: EventName, details?: Partial<TrainerEvent>): Promise<void>;
  log(values: Record<string, number>): Promise<void>;
  evaluate(): Promise<Record<string, number>>;
}

/** One run from its first or resumed step to its end. */
export class TrainingRun {
  state: TrainerState;
  private losses = new LossWindow();
  private readonly leaks = new LeakGuard();
  private epochEnded = false;
  private savedStep = -1;
  /** What is still due after the current step, since its evaluation was interrupted. */
  private due: Progress["due"];

  constructor(private readonly parts: RunParts) {
    this.state = parts.state;
  }

  /** @param from a checkpoint's folder, true for the last one in outputDir, or false for a new run */
  async resume(from: boolean | string): Promise<void> {
    const { model, optimizer, args, plan, group } = this.parts;
    if (from === false) {
      const other = lastCheckpoint(args.outputDir);
      const advice = "Going on later would take the one with the most steps: give each run a folder of its own.";
      if (other !== undefined) console.warn(`\`outputDir\`: has checkpoints of an earlier run (${other}). ${advice}`);
      return;
    }
    const wanted = typeof from === "string" || this.isOther ? from : lastWholeCheckpoint(args.outputDir);
    if (wanted === undefined) {
      throw new Error(`\`resumeFromCheckpoint\`: expected a checkpoint in ${args.outputDir}, got none.`);
    }
    const folder = (await group?.folderFromFirst(`${wanted}`)) ?? `${wanted}`;
    const progress = await readCheckpoint(folder, {
      ...{ model, optimizer, args },
      trainRows: this.parts.rows.length,
      maxSteps: plan.maxSteps,
    });
    this.state = progress.state;
    this.losses = new LossWindow(progress.losses);
    this.epochEnded = progress.epochEnded;
    this.due = progress.due;
    this.savedStep = progress.state.globalStep;
    const { bestModelCheckpoint } = this.state;
    // It lies beside this one, also when the run's folder was moved.
    const best = bestModelCheckpoint && path.join(path.dirname(folder), path.basename(bestModelCheckpoint));
    if (best && (this.isOther || fs.existsSync(best))) this.state.bestModelCheckpoint = best;
    else delete this.state.bestModelCheckpoint;
    this.parts.listeners.restore(progress.callbacks);
  }

  /** Trains to the end, or to where a callback or the signal ends it; the signal's end is one to go on from. */
  async train(): Promise<void> {
    const { args, plan, control, signal } = this.parts;
    if (args.evalOnStart && this.state.globalStep === 0) await this.evaluate();
    if (this.due) {
      Object.assign(control, this.due);
      this.due = undefined;
      await this.doWhatIsDue();
    }
    if (plan.endsEpoch(this.state.globalStep) && !this.epochEnded) await this.endEpoch();
    while (this.goesOn()) await this.trainEpoch();
    const left = this.state.globalStep < plan.maxSteps || this.isDue;
    const isSaved = [0, this.savedStep].includes(this.state.globalStep);
    if (signal.aborted && left && !isSaved && args.saveStrategy !== "no") await this.save();
  }

  /** Whether an evaluation was interrupted that belongs to the run. */
  get isDue(): boolean {
    return this.due !== undefined;
  }

  /** Mean loss over all steps that were applied. */
  meanLoss(): number {
    return this.losses.sums().total / (this.state.globalStep - (this.state.badSteps ?? 0));
  }

  /** How the optimizer's state is held. */
  optimizerSummary(): OptimizerSummary {
    return this.parts.optimizer.summary();
  }

  /** Frees the optimizer and what waits on the device. */
  dispose(): void {
    this.parts.optimizer.dispose();
    this.losses.dispose();
  }

  private goesOn(): boolean {
    const { plan, control, signal } = this.parts;
    return this.state.globalStep < plan.maxSteps && !control.shouldTrainingStop && !signal.aborted;
  }

  /** Trains to the end of the current epoch, from wherever in it the run stands. */
  private async trainEpoch(): Promise<void> {
    this.epochEnded = false;
    await this.parts.emit("onEpochBegin");
    do {
      await this.step();
      await nextTurn();
    } while (!this.parts.plan.endsEpoch(this.state.globalStep) && this.goesOn());
    // An interrupted epoch goes on later; one that a callback ends is over, as with transformers.
    if (this.parts.plan.endsEpoch(this.state.globalStep) || !this.parts.signal.aborted) await this.endEpoch();
  }

  private async endEpoch(): Promise<void> {
    this.epochEnded = true;
    requestAfterEpoch(this.parts.args, this.parts.control);
    await this.parts.emit("onEpochEnd");
    await this.doWhatIsDue();
  }

  private async step(): Promise<void> {
    const { args, plan, control, state } = { ...this.parts, state: this.state };
    const started = performance.now();
    const indices = plan.rowsOf(state.globalStep);
    const rows = Array.from(indices, (i) => this.parts.rows[i] as TokenizedRow);
    const learningRate = this.learningRate(state.globalStep);
    const { loss, norm, applied } = await this.applyStep(rows, learningRate);
    if (applied) this.losses.add(loss, norm);

    // report
    const tokens = rows.reduce((total, { inputIds }) => total + inputIds.length, 0);
    state.epoch = plan.epochAfter(++state.globalStep);
    state.tokensSeen += tokens;
    requestAfterStep(args, state, control);
    const report: StepReport = { learningRate, tokens, seconds: (performance.now() - started) / 1000 };
    if (control.shouldLog || !applied) {
      report.loss = (await loss.data())[0] as number;
      report.gradNorm = (await norm.data())[0] as number;
      report.seconds = (performance.now() - started) / 1000;
    }
    if (applied) delete state.badStepsInARow;
    else {
      tf.dispose([loss, norm]);
      report.skipped = true;
    }
    await this.parts.emit("onStepEnd", { step: report });
    if (!applied) this.noteBadStep(report, indices);
    await this.doWhatIsDue();
    this.leaks.note(state.globalStep, tf.memory().numTensors - this.losses.waiting);
  }

  /** @throws {RangeError} memory ran out */
  private async applyStep(rows: readonly TokenizedRow[], learningRate: number): Promise<MadeStep> {
    const { model, optimizer, objective, args, group } = this.parts;
    const step = this.state.globalStep;
    const { maxGradNorm, gradientCheckpointing, seed } = args;
    const [batchSize, accumulation] = [args.perDeviceTrainBatchSize, args.gradientAccumulationSteps];
    const pass = { model, optimizer, objective, rows, batchSize, accumulation, gradientCheckpointing };
    try {
      const input = { ...pass, learningRate, maxGradNorm, seed, step };
      return group ? await sharedTrainStep(input, group) : trainStep(input);
    } catch (error) {
      throw withMemoryAdvice(
        error,
        `step ${step + 1}`,
        waysToSaveMemory({ gradientCheckpointing, dtype: model.dtype }),
      );
    }
  }

  private noteBadStep({ loss = Number.NaN, gradNorm = Number.NaN }: StepReport, rows: Iterable<number>): void {
    const { args, trainDataset: dataset } = this.parts;
    const checkpoint = this.savedStep < 0 ? undefined : lastCheckpoint(args.outputDir);
    noteBadStep(this.state, { loss, gradNorm, rows, dataset, checkpoint }, args.maxBadSteps);
  }

  /** Logs, evaluates and saves, in this order, where that was asked for. */
  private async doWhatIsDue(): Promise<void> {
    const { args, control } = this.parts;
    const take = (what: "shouldLog" | "shouldEvaluate" | "shouldSave"): boolean => {
      const asked = control[what];
      control[what] = false;
      return asked;
    };
    if (take("shouldLog")) await this.logLoss();
    if (take("shouldEvaluate")) {
      const metrics = await this.evaluate();
      if (metrics === undefined) {
        this.due = { shouldEvaluate: true, shouldSave: take("shouldSave") };
        return;
      }
      const isBest = noteEvaluation(args, this.state, metrics);
      if (args.saveStrategy === "best") control.shouldSave = isBest;
    }
    if (take("shouldSave")) await this.save();
  }

  /** @returns nothing when it was interrupted */
  private async evaluate(): Promise<Record<string, number> | undefined> {
    try {
      return await this.parts.evaluate();
    } catch (error) {
      if (error instanceof EvaluationStopped && this.parts.signal.aborted) return undefined;
      throw error;
    }
  }

  private async logLoss(): Promise<void> {
    const { window, windowSteps, gradNorm } = this.losses.sums();
    if (windowSteps === 0) return;
    const { globalStep } = this.state;
    const learningRate = this.learningRate(this.parts.args.loggedLearningRate === "now" ? globalStep - 1 : globalStep);
    this.losses.restart();
    await this.parts.log({ loss: window / windowSteps, gradNorm, learningRate });
    warnOfGrowth(this.state.logHistory);
  }

  /** @param step steps made before the one whose rate it is */
  private learningRate(step: number): number {
    return learningRateAt(this.parts.args, step, this.parts.plan.maxSteps);
  }

  private async save(): Promise<void> {
    const { state } = this;
    const { model, args, group } = this.parts;
    noteCheckpoint(args, state);
    await checkSameWeights(model, group);
    if (!this.isOther) this.writeCheckpoint();
    this.savedStep = state.globalStep;
    await this.parts.emit("onSave");
  }

  private writeCheckpoint(): void {
    const { model, optimizer, args, tokenizer, listeners } = this.parts;
    const { state, epochEnded, due } = this;
    const progress = { state, losses: this.losses.sums(), epochEnded, due, callbacks: listeners.states() };
    writeCheckpoint(checkpointFolder(args.outputDir, state.globalStep), {
      model,
      optimizer,
      args,
      trainRows: this.parts.rows.length,
      progress,
      tokenizer,
    });
    removeOldCheckpoints(args.outputDir, args.saveTotalLimit, state.bestModelCheckpoint);
  }

  /** Whether this process is a worker that leaves checkpoints to another one. */
  private get isOther(): boolean {
    return this.parts.group?.isFirst === false;
  }
}
