/** The capacity table of docs/SCALING.md, computed from what one payment was measured to cost. */
import { figure } from "../figures.ts";
import type { Measured } from "../results.ts";

/** What is assumed and not measured: change it here and write the report again (`npm run bench -- report`). */
const ASSUMPTIONS = {
  /** Euro for an hour of one core with its memory, rented by the year. */
  coreHour: 0.03,
  /** Euro for a gigabyte of replicated SSD in a month. */
  gigabyteMonth: 0.1,
  /** Euro for a gigabyte that leaves the data centre. */
  gigabyteOut: 0.01,
  /** Share of the cores that is used at the stated rate: the rest is for peaks and for a server that fails. */
  usedShare: 0.5,
  /** Copies of the data: a primary and two standbys. */
  copies: 3,
  /** Cores of one database server. */
  coresOfServer: 32,
} as const;

/** Payments a second. */
const RATES = [1_000, 10_000, 100_000, 1_000_000];
const YEAR_SECONDS = 365 * 86_400;
const YEAR_HOURS = 365 * 24;
const GIGA = 1e9;
const BEGIN = "<!-- capacity: written by npm run bench -->";
const END = "<!-- capacity: end -->";

const NAMES = ["server", "database", "disk", "wal", "books", "network"] as const;
type Costs = Record<(typeof NAMES)[number], number>;

/** One line of the table. */
export interface Capacity {
  readonly rate: number;
  readonly serverCores: number;
  readonly databaseCores: number;
  readonly databaseServers: number;
  /** One copy, with the merchants' books. */
  readonly terabytesAYear: number;
  readonly walMegabytesASecond: number;
  /** Of a payment: cores, storage of its first year, network. */
  readonly euro: number;
}

/** Exchanges the table in the document. @throws when the document has no place for it */
export function withCapacity(document: string, measured: Measured): string {
  const [from, until] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || until < from) throw new Error(`SCALING.md has no "${BEGIN}" before "${END}".`);
  const costs = costsOf(measured);
  const text =
    costs === undefined ? "Not measured yet: `npm run bench -- tps.cost --merge`." : tell(costs);
  return `${document.slice(0, from)}${BEGIN}\n\n${text}\n\n${document.slice(until)}`;
}

/** Undefined while a part was not measured. */
function costsOf({ results }: Measured): Costs | undefined {
  const found = NAMES.map((name) => [
    name,
    results.find((result) => result.name === `tps.cost.${name}`)?.value,
  ]);
  return found.some(([, value]) => value === undefined)
    ? undefined
    : (Object.fromEntries(found) as Costs);
}

/** What it takes to be paid so many times a second. */
export function capacityFor(rate: number, costs: Costs): Capacity {
  const { usedShare, coreHour, gigabyteMonth, gigabyteOut, copies, coresOfServer } = ASSUMPTIONS;
  const cores = (microseconds: number) => (rate * microseconds) / 1e6 / usedShare;
  const serverCores = cores(costs.server);
  // Standbys replay what the primary wrote: counted as the primary itself.
  const databaseCores = cores(costs.database);
  const bytesAYear = rate * YEAR_SECONDS * (costs.disk + costs.books);
  const coreYears = (serverCores + databaseCores * copies) * coreHour * YEAR_HOURS;
  const storage = (costs.disk + costs.books) * copies * (gigabyteMonth / GIGA) * 12;
  const network = (costs.network / GIGA) * gigabyteOut;
  return {
    rate,
    serverCores: Math.ceil(serverCores),
    databaseCores: Math.ceil(databaseCores),
    databaseServers: Math.ceil(databaseCores / coresOfServer),
    terabytesAYear: bytesAYear / 1e12,
    walMegabytesASecond: (rate * costs.wal) / 1e6,
    euro: coreYears / (rate * YEAR_SECONDS) + storage + network,
  };
}

function tell(costs: Costs): string {
  const lines = RATES.map((rate) => {
    const one = capacityFor(rate, costs);
    return [
      rate.toLocaleString("en"),
      one.serverCores,
      one.databaseCores,
      one.databaseServers,
      figure(one.terabytesAYear),
      figure(one.walMegabytesASecond),
      `${(one.euro * 100).toPrecision(2)} ct`,
    ];
  });
  const head = [
    "payments/s",
    "cores, TPS",
    "cores, PostgreSQL",
    "primaries",
    "TB a year, one copy",
    "WAL, MB/s",
    "a payment",
  ];
  const rows = [head, head.map(() => "---:"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  return `${rows.join("\n")}

Measured for one payment: ${figure(costs.server)} µs of CPU in the TPS and ${figure(costs.database)} µs in PostgreSQL; ${figure(costs.disk)} bytes in
\`payments\` with its indexes, ${figure(costs.books)} in the merchants' books and the log, ${figure(costs.wal)} of WAL, ${figure(costs.network)} on the wire.
Assumed, in \`bench/src/report/capacity.ts\`: ${tellAssumptions()}.`;
}

function tellAssumptions(): string {
  const { coreHour, gigabyteMonth, gigabyteOut, usedShare, copies, coresOfServer } = ASSUMPTIONS;
  return `a core-hour ${coreHour} €, a gigabyte and month ${gigabyteMonth} €, a gigabyte out ${gigabyteOut} €, cores used to ${usedShare * 100} %, ${copies} copies of the data, database servers of ${coresOfServer} cores`;
}
