/**
 * Executing a refund order: every payment of its transaction number that was collected is brought up to the order's
 * share, whoever paid (paper, section 3). Portions of payments are transactions of their own, each of which may be the
 * last before a crash: what a payment lacks is judged by what it has by then, so nothing is given twice.
 *
 * Rows are locked in this order by everything that works on merchants' books: the order, the merchant's account, its
 * payments, the customers' accounts by their ids. Customers' accounts come last and are held for one statement and the
 * commit: their own payments wait no longer.
 */
import type { OrderRefusal } from "@chit/protocol";
import { LIMITS } from "../limits.ts";
import type { Queryable } from "../store/database.ts";
import { catchUpWithRefunds } from "./catch-up.ts";
import type { ClearingDeps } from "./deps.ts";
import {
  creditsFor,
  lacking,
  lockBalances,
  lockOrder,
  lockPayments,
  type OrderName,
  type OrderRow,
  type Which,
  writeRefunds,
} from "./order-rows.ts";

/** What became of an order. */
export type OrderOutcome =
  | { readonly outcome: "executed"; readonly payments: number; readonly given: bigint }
  | { readonly outcome: "refused"; readonly reason: OrderRefusal };

type ExecutionDeps = Pick<ClearingDeps, "database" | "platform">;

/** Executes an order that has no outcome yet. Again, it tells the outcome. */
export async function executeOrder(deps: ExecutionDeps, name: OrderName): Promise<OrderOutcome> {
  let standing = 0;
  const busy: string[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const step: Step | OrderOutcome = await bringUp(deps, name, { after });
    if ("outcome" in step) return step;
    standing += step.standing;
    busy.push(...step.busy);
    after = step.next;
  }
  // Those whose accounts others had locked, one by one: whoever waits for an account holds no other.
  for (const only of busy) {
    const step = await bringUp(deps, name, { only });
    if ("outcome" in step) return step;
    standing += step.standing;
  }
  return deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    return decide(deps, tx, name, { reason: null, standing });
  });
}

interface Step {
  /** Payments that stand where the order wants them. */
  readonly standing: number;
  /** Payments whose accounts others have locked. */
  readonly busy: readonly string[];
  /** Behind which there may be more. */
  readonly next: string | undefined;
}

/**
 * Brings payments up to the order's share, in one transaction. Tells the outcome if there is one, and decides it at once
 * where these were all payments of the number.
 */
async function bringUp(
  deps: ExecutionDeps,
  name: OrderName,
  which: Which,
): Promise<Step | OrderOutcome> {
  return deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    let payments = await lockPayments(tx, name, order, which);
    if (await catchUpWithRefunds(tx, name.merchantId, payments)) {
      payments = await lockPayments(tx, name, order, which);
    }
    const short = payments.filter((payment) => lacking(payment, order) > 0n);
    const balances = await lockBalances(tx, short, "only" in which ? "" : "skip locked");
    const free = short.filter(({ account_id: accountId }) => balances.has(accountId));
    const credits = creditsFor(free, order, balances);
    if (credits.length > 0) {
      await writeRefunds(tx, name, order, credits, deps.platform.nowSeconds());
    }
    const standing = payments.length - short.length + credits.length;
    const busy = short.filter((payment) => !free.includes(payment));
    const next = payments.length < LIMITS.refundsAtOnce ? undefined : payments.at(-1)?.payment_id;
    if ("after" in which && which.after === "" && next === undefined && busy.length === 0) {
      const reason = payments.length === 0 ? "no-payment" : null;
      return decide(deps, tx, name, { reason, standing });
    }
    return { standing, busy: busy.map((payment) => payment.payment_id), next };
  });
}

/** Writes the outcome of an order that is locked and has none. */
async function decide(
  { platform }: ExecutionDeps,
  tx: Queryable,
  name: OrderName,
  { reason, standing }: { readonly reason: OrderRefusal | null; readonly standing: number },
): Promise<OrderOutcome> {
  await tx.query(
    `update refund_orders set outcome = $3, reason = $4, executed_at = $5, payments = $6
     where merchant_id = $1 and order_id = $2`,
    [
      name.merchantId,
      name.orderId,
      reason === null ? "executed" : "refused",
      reason,
      platform.nowSeconds(),
      standing,
    ],
  );
  return outcomeOf(await lockOrder(tx, name));
}

function outcomeOf({ reason, payments, given }: OrderRow): OrderOutcome {
  return reason === null
    ? { outcome: "executed", payments, given }
    : { outcome: "refused", reason };
}
