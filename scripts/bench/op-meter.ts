/** Counts the calls of TensorFlow operations and, optionally, measures their time. */
import { tableText } from "../../lib/report/tables/table";
import { nodeBackend } from "../../lib/tensor/raw-op";

/** One kind of operation. */
export interface OpTime {
  /** TensorFlow's name. */
  op: string;
  calls: number;
  /** On a CPU the time of the operations; on a GPU only that of launching them. */
  milliseconds: number;
}

/** Wraps tfjs-node's binding to TensorFlow from its construction until `stop`. */
export class OpMeter {
  count = 0;
  /** Whether calls are counted. */
  isOn = true;
  readonly #times = new Map<string, OpTime>();
  readonly #binding = nodeBackend().binding;

  /** @param options.times whether to measure the time of each kind of operation */
  constructor(options: { times: boolean }) {
    const binding = this.#binding;
    const executeOp: typeof binding.executeOp = (...args) => {
      if (!this.isOn) return binding.executeOp(...args);
      this.count++;
      if (!options.times) return binding.executeOp(...args);
      const started = performance.now();
      const result = binding.executeOp(...args);
      this.#add(args[0], performance.now() - started);
      return result;
    };
    // The binding's own members are read-only.
    nodeBackend().binding = Object.create(binding, { executeOp: { value: executeOp } });
  }

  /** Resets all counts, after a warm-up. */
  restart(): void {
    this.count = 0;
    this.#times.clear();
  }

  /** Gives tfjs its binding back. */
  stop(): void {
    nodeBackend().binding = this.#binding;
  }

  /** Figures of every kind of operation, the longest first. */
  opTimes(): OpTime[] {
    return [...this.#times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #add(op: string, milliseconds: number): void {
    const time = this.#times.get(op) ?? { op, calls: 0, milliseconds: 0 };
    time.calls++;
    time.milliseconds += milliseconds;
    this.#times.set(op, time);
  }
}

/**
 * The figures as a table for the terminal.
 *
 * @param seconds the measured time, of which the rest is JavaScript and waiting
 */
export function opTable(times: readonly OpTime[], seconds: number): string {
  const inside = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = (milliseconds: number): string => `${((100 * milliseconds) / (1000 * seconds)).toFixed(1)} %`;
  const row = (op: string, calls: number | null, milliseconds: number): unknown[] => [
    op,
    calls,
    milliseconds.toFixed(1),
    share(milliseconds),
  ];
  return tableText({
    caption: `Time per TensorFlow operation in ${seconds.toFixed(3)} s`,
    columns: ["operation", "calls", "ms", "share"],
    rows: [
      ...times.map(({ op, calls, milliseconds }) => row(op, calls, milliseconds)),
      row("outside TensorFlow", null, 1000 * seconds - inside),
    ],
  });
}
