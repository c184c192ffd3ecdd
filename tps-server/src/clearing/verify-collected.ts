/** The first half of a settlement: device signatures verified in bulk, payments assigned to the cycle or held back. */
import type { TpsDeps } from "../deps.ts";
import type { Issuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import type { Settlement } from "./settle.ts";
import {
  COLLECTED_COLUMNS,
  COLLECTED_JOINS,
  type CollectedPayment,
  type HoldReason,
  readCollected,
  reasonToHold,
} from "./verify-payment.ts";

const WAITING = "mp.state = 'collected' and mp.cycle is null and mp.paid_at < $1";

const NEXT = `select ${COLLECTED_COLUMNS}, h.decision is not null as decided
              from merchant_payments mp ${COLLECTED_JOINS}
              left join held_payments h on h.merchant_id = mp.merchant_id and h.payment_id = mp.payment_id
              where ${WAITING} and (mp.merchant_id, mp.payment_id) > ($2, $3)
              order by mp.merchant_id, mp.payment_id limit ${LIMITS.settlementBatch}`;

const KEYS = "from unnest($2::text[], $3::text[]) as r (merchant_id, payment_id)";
const STILL_WAITING = `mp.merchant_id = r.merchant_id and mp.payment_id = r.payment_id
                       and mp.state = 'collected' and mp.cycle is null`;

/** In one order with refunds, which lock several payments as well: nobody waits for each other. */
const LOCK = `select 1 from merchant_payments
              where (merchant_id, payment_id) in (select * from unnest($1::text[], $2::text[]))
              order by merchant_id, payment_id for update`;

const ASSIGN = `update merchant_payments mp set cycle = $1 ${KEYS} where ${STILL_WAITING}`;

const HOLD = `with held as (
                update merchant_payments mp set state = 'held-back', cycle = $1 ${KEYS}
                where ${STILL_WAITING} returning mp.merchant_id, mp.payment_id
              )
              insert into held_payments (merchant_id, payment_id, cycle, reason, held_at)
              select merchant_id, payment_id, $1, r.reason, $5 from held
              join unnest($2::text[], $3::text[], $4::text[]) as r (merchant_id, payment_id, reason)
                using (merchant_id, payment_id)`;

/**
 * Verifies every collected payment made before the cycle's end. What the operator released or gave back is not asked
 * again. Broken off, it goes on with those that are not assigned yet.
 *
 * @param onProgress payments looked at, of how many
 * @param mostOfMerchant more payments of one merchant wait for the next cycle, so that its report stays bounded
 */
export async function verifyCollected(
  deps: TpsDeps,
  issuer: Issuer,
  { cycle, until }: Pick<Settlement, "cycle" | "until">,
  onProgress: (done: number, of: number) => void,
  mostOfMerchant: number = LIMITS.settlementPayments,
): Promise<void> {
  const { database } = deps;
  const [waiting, assigned] = [
    await countWaiting(database, until),
    await countAssigned(database, cycle),
  ];
  let done = 0;
  for (let last = { merchant_id: "", payment_id: "" }; ; ) {
    onProgress(done, waiting);
    const rows = await database.query<CollectedPayment & { decided: boolean }>(NEXT, [
      until,
      last.merchant_id,
      last.payment_id,
    ]);
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end;
    done += rows.length;
    const taken = rows.filter(({ merchant_id: merchantId }) => {
      const number = assigned.get(merchantId) ?? 0;
      if (number >= mostOfMerchant) return false;
      assigned.set(merchantId, number + 1);
      return true;
    });
    await write(deps, cycle, await judgeAll(taken, issuer));
  }
}

interface Judged {
  readonly row: CollectedPayment;
  readonly reason: HoldReason | undefined;
}

/** In small groups, between which a server answers payments. */
async function judgeAll(
  rows: readonly (CollectedPayment & { readonly decided: boolean })[],
  issuer: Issuer,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (let start = 0; start < rows.length; start += LIMITS.settlementAtOnce) {
    const group = rows.slice(start, start + LIMITS.settlementAtOnce).map(async (row) => ({
      row,
      reason: row.decided ? undefined : await reasonToHold(readCollected(row), issuer),
    }));
    judged.push(...(await Promise.all(group)));
  }
  return judged;
}

async function write(deps: TpsDeps, cycle: number, judged: readonly Judged[]): Promise<void> {
  const ids = (some: readonly Judged[]) => [
    some.map(({ row }) => row.merchant_id),
    some.map(({ row }) => row.payment_id),
  ];
  const held = judged.filter(({ reason }) => reason !== undefined);
  const sound = judged.filter(({ reason }) => reason === undefined);
  await deps.database.transaction(async (tx) => {
    await tx.query(LOCK, ids(judged));
    await tx.query(ASSIGN, [cycle, ...ids(sound)]);
    if (held.length === 0) return;
    const reasons = held.map(({ reason }) => reason);
    await tx.query(HOLD, [cycle, ...ids(held), reasons, deps.platform.nowSeconds()]);
  });
}

async function countWaiting(database: Queryable, until: number): Promise<number> {
  const row = one(
    await database.query<{ waiting: bigint }>(
      `select count(*) as waiting from merchant_payments mp where ${WAITING}`,
      [until],
    ),
  );
  return Number(row?.waiting ?? 0n);
}

/** How many payments of each merchant are in the cycle, from before it was broken off. */
async function countAssigned(database: Queryable, cycle: number): Promise<Map<string, number>> {
  const rows = await database.query<{ merchant_id: string; payments: bigint }>(
    "select merchant_id, count(*) as payments from merchant_payments where cycle = $1 group by merchant_id",
    [cycle],
  );
  return new Map(rows.map((row) => [row.merchant_id, Number(row.payments)]));
}
