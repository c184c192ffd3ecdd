/**
 * Settlement: one cycle. Payments are collected, their device signatures verified in bulk, each merchant is credited and
 * told in a signed report, and what is owed is put down as a payout.
 *
 * A cycle that was broken off at any point, by a kill too, is gone on with by the next call: its row in `settlements` says
 * how far it is, payments are assigned to it as they are verified, and each merchant is one transaction. Nothing is done
 * twice.
 */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { type KeyRing, loadKeyRing } from "../keys/key-ring.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";
import { collectPayments } from "./collect.ts";
import { creditMerchant, merchantsToCredit } from "./credit-merchant.ts";
import { verifyCollected } from "./verify-collected.ts";

/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_026n;

/** How far a settlement is. `of` is 0 where it is not known yet. */
export interface SettlementProgress {
  readonly stage: "collecting" | "verifying" | "crediting";
  /** Payments (merchants when crediting). */
  readonly done: number;
  readonly of: number;
}

/** What a settlement may be told. */
export interface SettlementOptions {
  /** Payments and refunds before this time (seconds) are settled; now, unless given. */
  readonly until?: number | undefined;
  readonly onProgress?: ((progress: SettlementProgress) => void) | undefined;
  /** Breaks off between two portions: the next settlement goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A cycle. Times in seconds. */
export interface Settlement {
  readonly cycle: number;
  readonly from: number;
  readonly until: number;
  readonly state: "verifying" | "crediting" | "done";
  readonly startedAt: number;
}

/** A cycle that came to its end. */
export interface FinishedSettlement extends Settlement {
  /** It had been broken off before, and `until` is what it was begun with. */
  readonly resumed: boolean;
}

/**
 * Settles one cycle, or goes on with the one that was broken off.
 *
 * @throws {OperatorError} `settlement-under-way` when another process settles; `setting-invalid` for an `until` in the
 * future or before the end of the last cycle; `books-differ` when a merchant's account is not what its records make it:
 * the others are settled, and the cycle stays open until the books are in order.
 */
export async function settle(
  deps: TpsDeps,
  { until, onProgress = () => undefined, signal }: SettlementOptions = {},
): Promise<FinishedSettlement> {
  const tell = (progress: SettlementProgress) => {
    signal?.throwIfAborted();
    onProgress(progress);
  };
  return deps.database.transaction(async (tx) => {
    // Held by a transaction that does nothing else, so that the lock goes when this process does.
    const row = one(
      await tx.query<{ locked: boolean }>("select pg_try_advisory_xact_lock($1) as locked", [LOCK]),
    );
    if (row?.locked !== true) {
      throw new OperatorError(
        "settlement-under-way",
        "Another process is settling just now. Wait until it is done.",
      );
    }
    return settleAlone(deps, until, tell, signal);
  });
}

/**
 * For a server that settles by itself: settles when the last cycle ended so many seconds ago, or was broken off. Nothing
 * while another process settles.
 */
export async function settleWhenDue(
  deps: TpsDeps,
  everySeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const row = one(
    await deps.database.query<{ due: boolean }>(
      `select coalesce(bool_or(s.state <> 'done'), false)
              or coalesce(max(s.until_at), min(i.created_at)) + $1 <= $2 as due
       from issuer i left join settlements s on true`,
      [everySeconds, deps.platform.nowSeconds()],
    ),
  );
  if (row?.due !== true) return;
  try {
    await settle(deps, { signal });
  } catch (error) {
    const elsewhere = error instanceof OperatorError && error.code === "settlement-under-way";
    if (!elsewhere && !signal.aborted) throw error;
  }
}

async function settleAlone(
  deps: TpsDeps,
  until: number | undefined,
  onProgress: (progress: SettlementProgress) => void,
  signal: AbortSignal | undefined,
): Promise<FinishedSettlement> {
  const ring = await loadKeyRing(deps);
  const open = await readOpenSettlement(deps);
  const settlement = open ?? (await begin(deps, until));
  if (settlement.state === "verifying") {
    onProgress({ stage: "collecting", done: 0, of: 0 });
    await collectPayments(deps, signal === undefined ? {} : { signal });
    await verifyCollected(deps, ring.issuer, settlement, (done, of) =>
      onProgress({ stage: "verifying", done, of }),
    );
    await endVerification(deps, settlement.cycle);
  }
  await creditMerchants(deps, ring, settlement, onProgress);
  await deps.database.query(
    "update settlements set state = 'done', finished_at = $2 where cycle = $1 and state = 'crediting'",
    [settlement.cycle, deps.platform.nowSeconds()],
  );
  return { ...settlement, state: "done", resumed: open !== undefined };
}

/** The cycle that was begun and is not done; undefined for none. */
async function readOpenSettlement({
  database,
}: Pick<TpsDeps, "database">): Promise<Settlement | undefined> {
  const row = one(
    await database.query<{
      cycle: bigint;
      from_at: bigint;
      until_at: bigint;
      state: Settlement["state"];
      started_at: bigint;
    }>("select cycle, from_at, until_at, state, started_at from settlements where state <> 'done'"),
  );
  if (row === undefined) return undefined;
  return {
    cycle: Number(row.cycle),
    from: Number(row.from_at),
    until: Number(row.until_at),
    state: row.state,
    startedAt: Number(row.started_at),
  };
}

async function begin(deps: TpsDeps, wanted: number | undefined): Promise<Settlement> {
  const now = deps.platform.nowSeconds();
  const until = wanted ?? now;
  return deps.database.transaction(async (tx) => {
    const last = one(
      await tx.query<{ cycle: bigint; from_at: bigint }>(
        `select coalesce(max(s.cycle), 0) + 1 as cycle, coalesce(max(s.until_at), min(i.created_at)) as from_at
         from issuer i left join settlements s on true`,
      ),
    );
    const [cycle, from] = [Number(last?.cycle), Number(last?.from_at)];
    if (until > now || until < from) {
      throw new OperatorError(
        "setting-invalid",
        "A settlement ends between the end of the one before and now.",
      );
    }
    await tx.query(
      "insert into settlements (cycle, from_at, until_at, started_at) values ($1, $2, $3, $4)",
      [cycle, from, until, now],
    );
    await logOperation(deps, tx, "settle", String(cycle), { from, until });
    return { cycle, from, until, state: "verifying", startedAt: now };
  });
}

/** From now on nothing more comes into the cycle. What it held back is told to the operator, once. */
async function endVerification(deps: TpsDeps, cycle: number): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await tx.query("update settlements set state = 'crediting' where cycle = $1", [cycle]);
    await tx.query(
      `insert into alarms (raised_at, kind)
       select $2, 'payments-held-back' where exists (select 1 from held_payments where cycle = $1)`,
      [cycle, deps.platform.nowSeconds()],
    );
  });
}

/** Merchant after merchant; one whose account is wrong stops the cycle's end, and nobody else. */
async function creditMerchants(
  deps: TpsDeps,
  ring: KeyRing,
  settlement: Settlement,
  onProgress: (progress: SettlementProgress) => void,
): Promise<void> {
  const merchantIds = await merchantsToCredit(deps, settlement.cycle);
  const wrong: OperatorError[] = [];
  for (const [index, merchantId] of merchantIds.entries()) {
    onProgress({ stage: "crediting", done: index, of: merchantIds.length });
    try {
      await creditMerchant(deps, ring, settlement, merchantId);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== "books-differ") throw error;
      wrong.push(error);
    }
  }
  if (wrong.length === 0) return;
  throw new OperatorError(
    "books-differ",
    `${wrong.map(({ message }) => message).join(" ")} The cycle ${settlement.cycle} stays open: find out more with "chit-tps audit", and settle again.`,
  );
}
