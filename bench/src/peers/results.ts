/** Both sides' figures as rows of the table: ours, against the other's. */
import { figure } from "../figures.ts";
import type { Result } from "../row.ts";
import type { SaleFigures } from "./figures.ts";

type Value = (figures: SaleFigures) => number | null;

/** What is compared; less is better in all of it. */
const ROWS: readonly (readonly [name: string, unit: string, value: Value])[] = [
  [
    "peers.cpu",
    "ms of all servers a sale",
    (of) => sum(of.merchantCpu, of.paymentsCpu, of.databaseCpu ?? 0),
  ],
  ["peers.cpu.merchant", "ms of the shop's own a sale", (of) => of.merchantCpu],
  [
    "peers.cpu.payments",
    "ms of whoever takes payments a sale",
    (of) => sum(of.paymentsCpu, of.databaseCpu ?? 0),
  ],
  ["peers.cpu.database", "ms of PostgreSQL in that", (of) => of.databaseCpu],
  ["peers.cpu.shopper", "ms of the shopper's a sale", (of) => of.shopperCpu],
  ["peers.wall", "ms from asking to having", (of) => of.wall],
  ["peers.requests", "requests a sale", (of) => of.requests],
  ["peers.bytes.sent", "bytes from the shopper a sale", (of) => of.sentBytes],
  ["peers.bytes.received", "bytes to the shopper a sale", (of) => of.receivedBytes],
];

/** The rows, without those that our side cannot tell. @param peer what the other side is called */
export function compare(
  ours: SaleFigures,
  theirs: SaleFigures,
  peer: string,
  rounds: number,
): Result[] {
  return ROWS.flatMap(([name, unit, told]) => {
    const [value, other] = [told(ours), told(theirs)];
    if (value === null) return [];
    const yardstick =
      other === null || other === 0
        ? { ratio: null, against: `${peer} has none` }
        : { ratio: value / other, against: `${peer}, ${figure(other)}` };
    return [{ name, value, unit, ...yardstick, rounds }];
  });
}

function sum(...parts: readonly (number | null)[]): number | null {
  return parts.reduce((total, part) => (total === null || part === null ? null : total + part), 0);
}
