/**
 * Collecting payments by merchant, apart from the payment path, which writes nothing of a merchant: paid payments are
 * copied from `payments` into `merchant_payments`, in the order of their times.
 *
 * A payment has its time before it is committed, so later payments may be visible while it is not. Each collection
 * therefore begins again some time before the end of the one before, and longer where a transaction has been open for
 * longer; what is there already stays as it is. Collectors may run at once.
 */
import type { TpsDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { one } from "../store/database.ts";

const COPY = `with copied as (
                insert into merchant_payments (merchant_id, payment_id, transaction_number, account_id, device_id,
                  amount, quote_hash, paid_at, collected_at)
                select p.merchant_id, p.payment_id, p.transaction_number, p.account_id, p.device_id,
                  p.amount, p.quote_hash, p.paid_at, $3
                from payments p join issuer i on i.currency = p.currency and i.scale = p.scale
                where p.paid_at >= $1 and p.paid_at < $2 and p.verdict = 'proof'
                order by p.merchant_id, p.payment_id
                on conflict do nothing
                returning 1
              )
              select count(*) as fresh from copied`;

/** Which payments to collect. */
export interface Collection {
  /**
   * Seconds; where it lies before the end of the last collection, all from then on is gone through again. That finds
   * what a server with a wrong clock dated back.
   */
  readonly since?: number;
  /** Stops between two portions; what was copied stays. */
  readonly signal?: AbortSignal;
}

/**
 * Copies the payments that were paid since the last collection. @returns how many were new
 */
export async function collectPayments(
  deps: Pick<TpsDeps, "database" | "platform">,
  { since, signal }: Collection = {},
): Promise<number> {
  const now = deps.platform.nowSeconds();
  // Before anything is read: whatever is not open by now has its time from now on, or is visible below.
  const safeUntil =
    now - LIMITS.collectionOverlapSeconds - (await longestTransaction(deps.database));
  const start = await firstToCollect(deps.database, since);
  if (start === undefined) return 0;
  // Clocks of several servers differ: what another one dated ahead is collected as well.
  const end = now + LIMITS.collectionOverlapSeconds;
  let copied = 0;
  let width: number = LIMITS.collectionSeconds;
  for (let from = start; from < end && !signal?.aborted; ) {
    const to = Math.min(from + width, end);
    const fresh = await copyPortion(deps.database, { from, to, now }, Math.min(to, safeUntil));
    copied += fresh;
    // Nights without payments are passed in longer steps.
    width =
      fresh > 0 ? LIMITS.collectionSeconds : Math.min(width * 2, LIMITS.collectionMostSeconds);
    from = to;
  }
  return copied;
}

/** Undefined when there was never a payment. */
async function firstToCollect(
  database: TpsDeps["database"],
  since = Number.POSITIVE_INFINITY,
): Promise<number | undefined> {
  const row = one(
    await database.query<{ since: bigint | null }>(
      "select coalesce(collected_until, (select min(paid_at) from payments)) as since from collection",
    ),
  );
  return row === undefined || row.since === null ? undefined : Math.min(Number(row.since), since);
}

/** @returns how many were new */
async function copyPortion(
  database: TpsDeps["database"],
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: number },
  collectedUntil: number,
): Promise<number> {
  return database.transaction(async (tx) => {
    // Nobody waits for it, and however much it is, it must come to its end.
    await tx.query("set local statement_timeout = 0");
    const copied = one(await tx.query<{ fresh: bigint }>(COPY, [from, to, now]));
    await tx.query(
      "update collection set collected_until = greatest(coalesce(collected_until, $1), $1)",
      [collectedUntil],
    );
    return Number(copied?.fresh ?? 0n);
  });
}

/** For how long (seconds) the oldest transaction that has locked or written something, here or in a place, has been open. */
async function longestTransaction(database: TpsDeps["database"]): Promise<number> {
  const row = one(
    await database.query<{ seconds: bigint | null }>(
      "select max(seconds) as seconds from transaction_age",
    ),
  );
  return Number(row?.seconds ?? 0n);
}
