/**
 * Carrying a partition: what its payments add up to is written down for each device, and from then on the books go on from
 * there. One transaction; whether the partition is attached, being detached or gone makes no difference to them any more.
 */
import pg from "pg";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import type { Partition } from "./partitions.ts";
import { whyNeeded } from "./why-needed.ts";

/** What was carried. */
export interface Carried {
  readonly payments: number;
  readonly proofs: number;
  readonly spent: bigint;
}

/**
 * Makes the partition take no more rows, and carries it.
 *
 * @param session waits for those who read the partition just now; payments do not
 * @throws {OperatorError} `payments-needed`
 */
export async function carryPartition(
  deps: TpsDeps,
  session: Queryable,
  partition: Partition,
): Promise<Carried> {
  await close(session, partition);
  try {
    return await deps.database.transaction(async (tx) => {
      await tx.query("set local statement_timeout = 0");
      const needed = await whyNeeded(tx, partition);
      if (needed.length > 0) {
        throw new OperatorError(
          "payments-needed",
          `${partition.name} is still needed: ${needed.join("; ")}.`,
        );
      }
      return carry(deps, tx, partition);
    });
  } catch (error) {
    // Where even that fails it stays closed, which does no harm: nobody pays in a month that is over.
    await reopen(session, partition).catch(() => undefined);
    throw error;
  }
}

const CLOSED = "books_closed";

/** Whoever writes to the partition just now comes to an end first; nobody else waits. */
async function close(session: Queryable, { name }: Partition): Promise<void> {
  const table = pg.escapeIdentifier(name);
  const closed = await session.query(
    "select 1 as closed from pg_constraint where conrelid = $1::regclass and conname = $2",
    [table, CLOSED],
  );
  if (closed.length > 0) return;
  await session.query(`alter table ${table} add constraint ${CLOSED} check (false) not valid`);
}

async function reopen(session: Queryable, { name }: Partition): Promise<void> {
  const table = pg.escapeIdentifier(name);
  await session.query(`alter table ${table} drop constraint if exists ${CLOSED}`);
}

async function carry(deps: TpsDeps, tx: Queryable, partition: Partition): Promise<Carried> {
  const { name, from, until } = partition;
  const table = pg.escapeIdentifier(name);
  await tx.query(carryDevices(table));
  await tx.query(carryEnds(table));
  await tx.query("delete from carried_ends where excess = 0");
  const sums = one(
    await tx.query<{ payments: bigint; proofs: bigint; spent: bigint }>(
      `select count(*) as payments, count(*) filter (where verdict = 'proof') as proofs,
              coalesce(sum(amount) filter (where verdict = 'proof'), 0)::bigint as spent
       from ${table}`,
    ),
  );
  const { payments, proofs, spent } = sums ?? { payments: 0n, proofs: 0n, spent: 0n };
  await tx.query(
    `insert into carried_partitions (name, from_at, until_at, payments, proofs, spent, carried_at, carried_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [name, from, until, payments, proofs, spent, deps.platform.nowSeconds(), deps.operatorName],
  );
  await tx.query("update collection set carried_until = $1", [until]);
  const carried = { payments: Number(payments), proofs: Number(proofs), spent };
  await logOperation(deps, tx, "payments detach", name, { ...carried, spent: String(spent) });
  return carried;
}

const carryDevices = (table: string) => `
  with own as (
    select account_id, device_id, count(*) as transactions, sum(count) as counts, max(count) as last_count,
           count(*) filter (where verdict = 'proof') as proofs,
           coalesce(sum(amount) filter (where verdict = 'proof'), 0)::bigint as spent,
           max(count) filter (where verdict = 'proof') as last_proof
    from ${table} group by account_id, device_id
  )
  insert into carried_payments as c (account_id, device_id, transactions, counts, proofs, spent, last_at, last_balance,
                                     last_count, request_hash)
  select o.account_id, o.device_id, o.transactions, o.counts, o.proofs, o.spent, paid.paid_at, paid.balance_after,
         o.last_count, last.request_hash
  from own o
  join ${table} last on last.account_id = o.account_id and last.device_id = o.device_id and last.count = o.last_count
  left join ${table} paid on paid.account_id = o.account_id and paid.device_id = o.device_id and paid.count = o.last_proof
  on conflict (account_id, device_id) do update
  set transactions = c.transactions + excluded.transactions, counts = c.counts + excluded.counts,
      proofs = c.proofs + excluded.proofs, spent = c.spent + excluded.spent,
      last_at = coalesce(excluded.last_at, c.last_at), last_balance = coalesce(excluded.last_balance, c.last_balance),
      last_count = greatest(c.last_count, excluded.last_count),
      request_hash = case when c.last_count > excluded.last_count then c.request_hash else excluded.request_hash end`;

const carryEnds = (table: string) => `
  insert into carried_ends as c (account_id, value, excess)
  select account_id, value, sum(way) from (
    select account_id, balance_after as value, 1 as way from ${table} where verdict = 'proof'
    union all
    select account_id, balance_after + amount, -1 from ${table} where verdict = 'proof'
  ) ends group by account_id, value having sum(way) <> 0
  on conflict (account_id, value) do update set excess = c.excess + excluded.excess`;
