/** Compares this library with Hugging Face's Trainer and PEFT on the same batches, in turn, since a machine's speed drifts. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { writeFileAtomic } from "../../lib/files/atomic";
import { UsageError } from "../cli/command-line";
import { comparisonTables } from "./comparison-table";
import type { CompareOptions, Dtype, Job } from "./options";
import { inTemporaryFolder, machineWith, type RunFigures, runOurs, runPeer } from "./runs";
import { median, rounded, type Spread, spread } from "./statistics";

/** How the peer evaluates: in the original notebook's batches, or at its best, in larger ones of similar lengths. */
export type PeerWay = "as the notebook" | "at its best";

export interface Setting {
  job: Job;
  /** Dropout of the config; 0 for an evaluation. */
  dropout: number;
  dtype: Dtype;
  peerDtype: Dtype;
  peerWay: PeerWay;
}

/** One run of each side, one after the other. */
export interface Pair extends Setting {
  ours: RunFigures;
  peer: RunFigures;
  /** The peer's seconds divided by ours: above 1 we are faster. */
  ratio: number;
}

/** All pairs of a setting. */
export interface Comparison extends Setting {
  /** The peer's seconds divided by ours, for each pair. */
  ratios: number[];
  ratio: Spread;
  /** Medians of peak resident memory, in bytes, and the peer's divided by ours. */
  memory: { ours: number; peer: number; ratio: number };
  /** Median of our share of the floor. */
  floorShare: number;
  /** Largest share of the machine that other processes took during a run. */
  othersShare: number;
  /** Losses of the first pair. */
  losses: { ours: number[]; peer: number[] };
  /** Largest difference in a pair of the first losses, before any update: only rounding without dropout. */
  firstLossDifference: number;
}

/** Runs all pairs and prints each on stderr. @returns the figures, with every pair */
export async function compare(options: CompareOptions): Promise<object> {
  const { inputs, peer, pairs } = options;
  const configFile = path.join(inputs, "model", "config.json");
  if (!existsSync(configFile)) {
    throw new UsageError(
      `\`--inputs\`: expected a folder with model/ and batches.json, got ${inputs}. Make one with scripts/bench/prepare.py.`,
    );
  }
  const machine = await machineWith(peer);
  return inTemporaryFolder(async (folder) => {
    const inputFolders = withAndWithoutDropout(inputs, path.join(folder, "no-dropout"));
    const all: Pair[] = [];
    const report = (): object => ({
      command: "compare",
      machine,
      finished: new Date().toISOString(),
      steps: options.steps,
      comparisons: summarize(all),
      pairs: all,
    });
    for (let pair = 1; pair <= pairs; pair++) {
      for (const job of options.jobs) {
        // An evaluation has no dropout, whatever the config says.
        for (const some of job === "eval" ? [inputs] : inputFolders) {
          all.push(...(await runRound({ ...options, job, inputs: some }, `${pair}/${pairs}`)));
          if (options.out !== undefined) writeFileAtomic(options.out, `${JSON.stringify(report(), null, 2)}\n`);
        }
      }
    }
    console.error(`\n${comparisonTables(summarize(all))}`);
    return report();
  });
}

/** Runs both sides in turn: one job with one dropout, every dtype. */
async function runRound(options: CompareOptions & { job: Job }, number: string): Promise<Pair[]> {
  const { job, peer, evalBatch } = options;
  const ofPeer: { way: PeerWay; figures: RunFigures }[] = [];
  const pairs: Pair[] = [];
  for (const dtype of options.dtypes) {
    const request = { ...options, dtype };
    const ours = await runOurs(request);
    ofPeer.push({ way: "as the notebook", figures: await runPeer(peer, request) });
    if (job === "eval") {
      ofPeer.push({ way: "at its best", figures: await runPeer(peer, request, { evalBatch, groupByLength: true }) });
    }
    for (const { way, figures } of ofPeer) {
      // In training, half precision is also compared with the original's float32.
      if (figures.dtype !== dtype && job === "eval") continue;
      pairs.push(pairOf(ours, figures, way));
      console.error(`pair ${number}: ${pairText(pairs.at(-1) as Pair)}`);
    }
  }
  return pairs;
}

function pairOf(ours: RunFigures, peer: RunFigures, peerWay: PeerWay): Pair {
  return {
    job: ours.job as Job,
    dropout: ours.job === "eval" ? 0 : ours.dropout,
    dtype: ours.dtype as Dtype,
    peerDtype: peer.dtype as Dtype,
    peerWay,
    ratio: rounded(peer.seconds / ours.seconds, 4),
    ours,
    peer,
  };
}

function pairText(pair: Pair): string {
  const { job, dropout, dtype, peerDtype, peerWay, ours, peer, ratio } = pair;
  const others = Math.max(ours.others_share, peer.others_share);
  const peerText = `${peerDtype}${job === "eval" ? `, ${peerWay}` : ""}`;
  return `${job}, dropout ${dropout}: ours ${dtype} ${ours.seconds} s, peer ${peerText} ${peer.seconds} s, ratio ${ratio.toFixed(2)}${others > 0.1 ? ` (others took ${Math.round(100 * others)} % of the machine)` : ""}`;
}

/** Summarizes the pairs of each setting, in the order of the settings' first pairs. */
export function summarize(pairs: readonly Pair[]): Comparison[] {
  const settings = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const { job, dropout, dtype, peerDtype, peerWay } = pair;
    const key = [job, dropout, dtype, peerDtype, peerWay].join();
    settings.set(key, [...(settings.get(key) ?? []), pair]);
  }
  return [...settings.values()].map((some) => {
    const { job, dropout, dtype, peerDtype, peerWay, ours, peer } = some[0] as Pair;
    const ratios = some.map(({ ratio }) => ratio);
    const ourMemory = median(some.map((pair) => pair.ours.peak_rss_bytes));
    const peerMemory = median(some.map((pair) => pair.peer.peak_rss_bytes));
    return {
      job,
      dropout,
      dtype,
      peerDtype,
      peerWay,
      ratios,
      ratio: spread(ratios),
      memory: { ours: ourMemory, peer: peerMemory, ratio: rounded(peerMemory / ourMemory, 4) },
      floorShare: median(some.map((pair) => pair.ours.floor_share ?? Number.NaN)),
      othersShare: Math.max(...some.flatMap((pair) => [pair.ours.others_share, pair.peer.others_share])),
      losses: { ours: ours.losses, peer: peer.losses },
      firstLossDifference: Math.max(...some.map((pair) => firstDifference(pair))),
    };
  });
}

function firstDifference({ ours, peer }: Pair): number {
  return Math.abs((ours.losses[0] as number) - (peer.losses[0] as number));
}

/** @returns the inputs as they are and, where their model has dropout, a copy of links without it */
export function withAndWithoutDropout(inputs: string, copy: string): string[] {
  const model = path.join(inputs, "model");
  const config = JSON.parse(readFileSync(path.join(model, "config.json"), "utf8")) as Record<string, unknown>;
  const rates = ["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"];
  // RoBERTa's default rates are not 0, so a config without rates has dropout too.
  if (rates.slice(0, 2).every((name) => config[name] === 0) && !config.classifier_dropout) return [inputs];
  mkdirSync(path.join(copy, "model"), { recursive: true });
  symlinkSync(path.resolve(inputs, "batches.json"), path.join(copy, "batches.json"));
  for (const name of readdirSync(model).filter((name) => name !== "config.json")) {
    symlinkSync(path.resolve(model, name), path.join(copy, "model", name));
  }
  const without = { ...config, ...Object.fromEntries(rates.map((name) => [name, 0])) };
  writeFileSync(path.join(copy, "model", "config.json"), JSON.stringify(without, null, 2));
  return [inputs, copy];
}
