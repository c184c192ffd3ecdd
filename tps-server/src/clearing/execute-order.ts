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
  for (;;) {
    const pass = await bringAllUp(deps, name);
    const outcome = "outcome" in pass ? pass : await decide(deps, name, pass);
    if (outcome !== undefined) return outcome;
  }
}

/** Payments of the number, and how many of them stand where the order wants them. */
interface Pass {
  readonly seen: number;
  readonly standing: number;
}

async function bringAllUp(deps: ExecutionDeps, name: OrderName): Promise<Pass | OrderOutcome> {
  let seen = 0;
  let standing = 0;
  const busy: string[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const step: Step | OrderOutcome = await bringUp(deps, name, { after });
    if ("outcome" in step) return step;
    seen += step.seen;
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
  return { seen, standing };
}

interface Step extends Pass {
  /** Of these, those whose accounts others have locked. */
  readonly busy: readonly string[];
  /** Behind which there may be more. */
  readonly next: string | undefined;
}

/** Brings payments up to the order's share, in one transaction; or tells the outcome if there is one. */
async function bringUp(
  deps: ExecutionDeps,
  name: OrderName,
  which: Which,
): Promise<Step | OrderOutcome> {
  return deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    const payments = await lockPayments(tx, name, order, which);
    const short = payments.filter((payment) => lacking(payment, order) > 0n);
    const balances = await lockBalances(tx, short, "only" in which ? "" : "skip locked");
    const free = short.filter(({ account_id: accountId }) => balances.has(accountId));
    const credits = creditsFor(free, order, balances);
    if (credits.length > 0) {
      await writeRefunds(tx, name, order, credits, deps.platform.nowSeconds());
    }
    return {
      seen: payments.length,
      standing: payments.length - short.length + credits.length,
      busy: short.filter((payment) => !free.includes(payment)).map((payment) => payment.payment_id),
      next: payments.length < LIMITS.refundsAtOnce ? undefined : payments.at(-1)?.payment_id,
    };
  });
}

/**
 * The outcome, or that of another process which was first. Undefined: to be tried again, because payments came while this
 * process saw none, and another one may just be refunding them.
 */
async function decide(
  { database, platform }: ExecutionDeps,
  name: OrderName,
  { seen, standing }: Pass,
): Promise<OrderOutcome | undefined> {
  const { merchantId, orderId } = name;
  const refused = seen === 0;
  return database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    if (refused && (await lockPayments(tx, name, order, { after: "" })).length > 0)
      return undefined;
    await tx.query(
      `update refund_orders set outcome = $3, reason = $4, executed_at = $5, payments = $6
       where merchant_id = $1 and order_id = $2`,
      [
        merchantId,
        orderId,
        refused ? "refused" : "executed",
        refused ? "no-payment" : null,
        platform.nowSeconds(),
        standing,
      ],
    );
    return outcomeOf(await lockOrder(tx, name));
  });
}

function outcomeOf({ reason, payments, given }: OrderRow): OrderOutcome {
  return reason === null
    ? { outcome: "executed", payments, given }
    : { outcome: "refused", reason };
}
