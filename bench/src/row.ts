/** What a row of the benchmark is: one file in `rows/` that measures something against a yardstick. */
import { resolve } from "node:path";

/** One line of the table, and of `results/latest.json`. */
export interface Result {
  readonly name: string;
  /** Median of the rounds. */
  readonly value: number;
  readonly unit: string;
  /** `value` by the yardstick's, of the same run; null where there is no yardstick. */
  readonly ratio: number | null;
  /** The yardstick, with its median. */
  readonly against: string | null;
  readonly rounds: number;
}

/** How much to measure. */
export interface Effort {
  /** Of each side, in turn. */
  readonly rounds: number;
  /** Payments before the first round, so that code is compiled and statements are planned. */
  readonly warmUp: number;
  /** Payments of one round. */
  readonly payments: number;
  /** Connections that carry them. */
  readonly connections: number;
  /** Accounts of the small and of the large payment server. */
  readonly accounts: readonly [number, number];
  /** Folder for the data, on a disk: a temporary folder may be memory, where nothing is durable. */
  readonly directory: string;
  /** Whole sales of one round. */
  readonly sales: number;
  /** Sales before the first round. */
  readonly saleWarmUp: number;
  /** Size of the large file that is delivered. */
  readonly goodsMegabytes: number;
  /** Scale of pgbench's tables: 100,000 accounts each. */
  readonly pgbenchScale: number;
}

export const FULL: Effort = {
  rounds: 5,
  warmUp: 8_000,
  payments: 4_000,
  connections: 128,
  accounts: [10_000, 1_000_000],
  directory: resolve(".data"),
  sales: 1_000,
  saleWarmUp: 1_000,
  goodsMegabytes: 256,
  pgbenchScale: 10,
};

export const QUICK: Effort = {
  ...FULL,
  warmUp: 2_000,
  payments: 800,
  accounts: [5_000, 100_000],
  sales: 150,
  saleWarmUp: 300,
  goodsMegabytes: 32,
  pgbenchScale: 4,
};

/** What a row is given. */
export interface RowContext {
  readonly effort: Effort;
  /** Remarks for whoever watches. */
  say(text: string): void;
  /** Called when the row is done or fails, the last one first. */
  onEnd(work: () => Promise<void>): void;
}

/** A row, or several that come from one measurement. */
export interface Row {
  /** What `npm run bench -- <name>` calls it. */
  readonly name: string;
  /** `--quick` leaves it out, unless it is named; its results are kept in a file of its own besides, `results/<name>.json`. */
  readonly isLong?: true;
  measure(context: RowContext): Promise<Result[]>;
}
