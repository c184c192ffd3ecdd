/**
 * Taking old months out of the payments: each is carried, then detached while payments go on; its table stays as an archive.
 * Killed at any point, the next call goes on where it was: what is carried is on disk, and the database says how far it is
 * with detaching.
 */
import { monthBounds } from "@chit/protocol";
import pg from "pg";
import { audit } from "../clearing/audit/audit.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { carryPartition } from "./carry.ts";
import { listPartitions, type Partition } from "./partitions.ts";

/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_036n;

/**
 * Detaches all partitions of payments that were made before the month begins, the oldest first.
 *
 * It waits for those who read payments just now (an audit, for instance), and hinders no payment meanwhile.
 *
 * @param before the first month that stays, as 2026-11
 * @param onStep hears of what is being done
 * @returns the names of their tables
 * @throws {OperatorError} `payments-needed` when something of them is not done with, or they are too young;
 *   `books-differ` when an audit finds something; `detach-under-way`
 */
export async function detachPayments(
  deps: TpsDeps,
  before: string,
  onStep: (what: string) => void = () => undefined,
): Promise<string[]> {
  const until = monthBounds(before).from;
  await refuseYoung(deps, until, before);
  return deps.database.session(async (session) => {
    const lock = one(
      await session.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [LOCK]),
    );
    if (lock?.mine !== true) {
      throw new OperatorError(
        "detach-under-way",
        "Another process is detaching payments. Try again when it has ended.",
      );
    }
    const due = (await listPartitions(session)).filter((partition) => partition.until <= until);
    const uncarried = await filterUncarried(session, due);
    if (uncarried.length > 0) {
      onStep("audit");
      await refuseUnsound(deps);
    }
    const detached: string[] = [];
    for (const partition of due) {
      if (uncarried.includes(partition)) {
        onStep(`carry ${partition.name}`);
        await carryPartition(deps, session, partition);
      }
      onStep(`detach ${partition.name}`);
      await detach(session, partition);
      detached.push(partition.name);
    }
    // Also those that a killed call had detached and not marked.
    await session.query(
      `update carried_partitions c set detached_at = $1
       where detached_at is null and not exists (select 1 from payments_partitions p where p.name = c.name)`,
      [deps.platform.nowSeconds()],
    );
    return detached;
  });
}

/** How long a payer may dispute a payment, statements and support want to see it. */
async function refuseYoung(deps: TpsDeps, until: number, before: string): Promise<void> {
  const row = one(
    await deps.database.query<{ youngest: bigint }>("select month_start($1, $2) as youngest", [
      deps.platform.nowSeconds(),
      -LIMITS.paymentsStayMonths,
    ]),
  );
  if (row !== undefined && BigInt(until) <= row.youngest) return;
  throw new OperatorError(
    "payments-needed",
    `Payments before ${before} are younger than ${LIMITS.paymentsStayMonths} whole months. Name an earlier month.`,
  );
}

async function filterUncarried(
  session: Queryable,
  partitions: readonly Partition[],
): Promise<Partition[]> {
  const rows = await session.query<{ name: string }>("select name from carried_partitions");
  const carried = new Set(rows.map(({ name }) => name));
  return partitions.filter(({ name }) => !carried.has(name));
}

/** What is carried is not looked at again row by row. */
async function refuseUnsound(deps: TpsDeps): Promise<void> {
  const found = await audit(deps);
  if (found.isSound) return;
  throw new OperatorError(
    "books-differ",
    'The books are not as they should be. Nothing is detached before "chit-tps audit" finds nothing.',
  );
}

/** One that was begun is brought to its end. Not in a transaction: payments go on while it waits for readers. */
async function detach(session: Queryable, { name, detaching }: Partition): Promise<void> {
  const how = detaching ? "finalize" : "concurrently";
  await session.query(`alter table payments detach partition ${pg.escapeIdentifier(name)} ${how}`);
}
