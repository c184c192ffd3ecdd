/** Whether the books still need a partition's payments, row by row. */
import pg from "pg";
import { one, type Queryable } from "../store/database.ts";
import type { Partition } from "./partitions.ts";

/**
 * What is still to be done with payments of the partition, in words; empty when nothing is.
 *
 * Refunds are no reason: they rest on the merchants' books, which stay.
 */
export async function whyNeeded(
  tx: Queryable,
  { name, until }: Pick<Partition, "name" | "until">,
): Promise<string[]> {
  const row = one(
    await tx.query<Record<"uncollected" | "unsettled" | "held" | "unlogged" | "differing", bigint>>(
      `select count(*) filter (where mp.payment_id is null) as uncollected,
              count(*) filter (where mp.state = 'collected') as unsettled,
              count(*) filter (where mp.state = 'held-back') as held,
              count(*) filter (where mp.log_index is null
                or mp.log_index >= (select coalesce(max(size), 0) from log_checkpoints where note is not null)) as unlogged,
              count(*) filter (where (p.account_id, p.device_id, p.amount, p.paid_at)
                               is distinct from (mp.account_id, mp.device_id, mp.amount, mp.paid_at)) as differing
       from ${pg.escapeIdentifier(name)} p
       left join merchant_payments mp on mp.merchant_id = p.merchant_id and mp.payment_id = p.payment_id
       where p.verdict = 'proof'`,
    ),
  );
  const collected = one(
    await tx.query<{ until: bigint | null }>("select collected_until as until from collection"),
  );
  const numbers: [bigint, string][] = [
    [row?.uncollected ?? 0n, "not collected"],
    [row?.unsettled ?? 0n, "not settled"],
    [row?.held ?? 0n, "held back and not decided about"],
    [row?.unlogged ?? 0n, "not in a signed state of the log"],
    [row?.differing ?? 0n, "not what the merchants' books say"],
  ];
  const reasons = numbers
    .filter(([number]) => number > 0n)
    .map(([number, what]) => `payments that are ${what}: ${number}`);
  const behind = (collected?.until ?? null) === null || Number(collected?.until) < until;
  return behind && numbers.some(([number]) => number > 0n)
    ? ["payments of its time are still being collected", ...reasons]
    : reasons;
}
