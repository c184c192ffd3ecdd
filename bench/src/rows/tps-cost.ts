/** `tps.cost`: what one payment costs in CPU, disk and network, for the capacity table of docs/SCALING.md. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PAYMENTS_PATH } from "@chit/protocol";
import { cpuOfTree } from "../process-tree.ts";
import { alternate } from "../rounds.ts";
import type { Result, Row } from "../row.ts";
import { addMerchants, sendPayments, supplyPayments } from "../tps/payments.ts";
import { type BenchTps, startBenchTps } from "../tps/server.ts";

const MICROSECONDS = 1_000;
const COLLECTION_POLLS = 240;

export const tpsCost: Row = {
  name: "tps.cost",
  async measure(context) {
    const { payments, connections, rounds, accounts } = context.effort;
    const tps = await startBenchTps(context);
    const merchants = await addMerchants(tps, 1_000);
    const next = await supplyPayments(context, tps, payments * rounds + 1, merchants, accounts[0]);
    const postmaster = await postmasterOf(tps);
    const of = async (work: () => Promise<unknown>, root: number) => {
      const before = await cpuOfTree(root);
      await work();
      const after = await cpuOfTree(root);
      if (before === null || after === null) throw new Error("Only Linux tells CPU times.");
      return ((after - before) / payments) * MICROSECONDS;
    };
    const rows = async () => sizeOf(tps, "payments");
    const before = {
      disk: await rows(),
      wal: await walOf(tps),
      paid: await countOf(tps, "payments"),
    };
    let database = 0;
    const seen = await alternate(rounds, {
      server: () =>
        of(async () => {
          database = await of(() => sendPayments(tps, next(payments), connections), postmaster);
        }, tps.pid),
      // Of the same payments.
      database: async () => database,
    });
    const paid = (await countOf(tps, "payments")) - before.paid;
    const disk = ((await rows()) - before.disk) / paid;
    const wal = ((await walOf(tps)) - before.wal) / paid;
    const network = await networkOf(tps, next(1)[0] ?? new Uint8Array());
    const books = await booksOf(tps);
    const result = (name: string, value: number, unit: string): Result => ({
      name: `tps.cost.${name}`,
      value,
      unit,
      ratio: null,
      against: null,
      rounds,
    });
    return [
      result("server", seen.server, "µs of CPU a payment"),
      result("database", seen.database, "µs of CPU a payment"),
      result("disk", disk, "bytes a payment"),
      result("wal", wal, "bytes a payment"),
      result("books", books, "bytes a payment"),
      result("network", network, "bytes a payment"),
    ];
  },
};

async function postmasterOf({ dataDir }: BenchTps): Promise<number> {
  const text = await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8");
  return Number.parseInt(text, 10);
}

/** Bytes of tables with their indexes and partitions. */
async function sizeOf({ deps }: BenchTps, ...tables: string[]): Promise<number> {
  const [row] = await deps.database.query<{ bytes: bigint }>(
    `select sum(coalesce((select sum(pg_total_relation_size(p.relid)) from pg_partition_tree(t.oid) p),
                         pg_total_relation_size(t.oid)))::bigint as bytes
     from unnest($1::regclass[]) t (oid)`,
    [tables],
  );
  return Number(row?.bytes ?? 0n);
}

async function walOf({ deps }: BenchTps): Promise<number> {
  const [row] = await deps.database.query<{ bytes: bigint }>(
    "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as bytes",
  );
  return Number(row?.bytes ?? 0n);
}

async function countOf({ deps }: BenchTps, table: "payments" | "merchant_payments") {
  const [row] = await deps.database.query<{ count: bigint }>(`select count(*) from ${table}`);
  return Number(row?.count ?? 0n);
}

/** What a payment takes in the merchants' books and the log, once the server's chores have collected all. */
async function booksOf(tps: BenchTps): Promise<number> {
  for (let poll = 0; poll < COLLECTION_POLLS; poll++) {
    const collected = await countOf(tps, "merchant_payments");
    const [log] = await tps.deps.database.query<{ left: bigint }>(
      "select count(*) as left from merchant_payments where log_index is null",
    );
    if (log?.left === 0n && collected >= (await countOf(tps, "payments"))) {
      return (await sizeOf(tps, "merchant_payments", "log_entries", "log_nodes")) / collected;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("The server's chores did not collect the payments.");
}

/** Bytes of one request and its answer, with the headers that a wallet's connection cannot do without. */
async function networkOf({ host, port }: BenchTps, body: Uint8Array): Promise<number> {
  const response = await fetch(`http://${host}:${port}${PAYMENTS_PATH}`, {
    method: "POST",
    body: Buffer.from(body),
  });
  const answer = await response.arrayBuffer();
  const headers = [...response.headers].reduce(
    (sum, [name, value]) => sum + name.length + value.length + 4,
    0,
  );
  return body.length + answer.byteLength + headers;
}
