/** What a sale costs, from what was counted in a round of sales. */
import { median } from "../rounds.ts";
import type { Wire } from "./wire.ts";

/** What a shopper's program tells of a round. */
export interface Bought {
  /** Of each purchase, from asking for the article to having it. */
  readonly wallMilliseconds: readonly number[];
  readonly cpuMilliseconds: number;
  readonly wire: Wire;
}

/** CPU milliseconds since the start, of each that works for a sale; null: cannot be told on this system. */
export interface Spent {
  /** The merchant's process, without what works for payments inside of it. */
  readonly merchant: number;
  /** Whoever takes payments: the TPS's processes, or the facilitator. */
  readonly payments: number | null;
  /** PostgreSQL's processes; null also where there are none. */
  readonly database: number | null;
}

/** Of one sale. */
export const FIGURES = [
  "merchantCpu",
  "paymentsCpu",
  "databaseCpu",
  "shopperCpu",
  "wall",
  "requests",
  "sentBytes",
  "receivedBytes",
] as const;
/** Times in milliseconds; null: there is no such thing, or this system cannot tell. */
export type SaleFigures = Readonly<Record<(typeof FIGURES)[number], number | null>>;

/** A round's figures for one sale: the median of the walls, the mean of everything else, which is only known in sum. */
export function figuresOf(before: Spent, after: Spent, bought: Bought): SaleFigures {
  const { wallMilliseconds, cpuMilliseconds, wire } = bought;
  const sales = wallMilliseconds.length;
  const spent = (who: keyof Spent) => {
    const [from, to] = [before[who], after[who]];
    return from === null || to === null ? null : (to - from) / sales;
  };
  return {
    merchantCpu: spent("merchant"),
    paymentsCpu: spent("payments"),
    databaseCpu: spent("database"),
    shopperCpu: cpuMilliseconds / sales,
    wall: median(wallMilliseconds),
    requests: wire.requests / sales,
    sentBytes: wire.sentBytes / sales,
    receivedBytes: wire.receivedBytes / sales,
  };
}

/** The median of each figure over the rounds; null where a round could not tell it. */
export function mediansOf(rounds: readonly SaleFigures[]): SaleFigures {
  const medianOf = (name: keyof SaleFigures) => {
    const values = rounds.map((round) => round[name]).filter((value) => value !== null);
    return values.length < rounds.length ? null : median(values);
  };
  const medians = FIGURES.map((name) => [name, medianOf(name)] as const);
  return Object.fromEntries(medians) as Record<keyof SaleFigures, number | null>;
}
