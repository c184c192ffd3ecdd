/** How sales are read and changed: every change is durable, with what is to be told of it, before it counts. */
import { toBase64url } from "@chit/protocol";
import { Refusal } from "../errors.ts";
import type { MtsDeps } from "./deps.ts";
import { type NewsType, type OfferedSale, paymentsOf, type SaleRecord } from "./sale.ts";
import type { Fresh, OrderDraft, SaleEvent } from "./sale-event.ts";
import type { StoredOrder } from "./store.ts";
import { transition } from "./transition.ts";

/** What a change of a sale needs. */
export type HappenDeps = Pick<MtsDeps, "store" | "events" | "crypto" | "clock" | "orders">;

/**
 * Lets an event happen to a sale that began with a quote, durably, and tells the hooks.
 *
 * @throws {Refusal} `transaction-unknown`; and as `transition` does
 */
export async function happen(
  deps: HappenDeps,
  transactionNumber: string,
  event: SaleEvent,
): Promise<OfferedSale> {
  const after = await happenToAny(deps, transactionNumber, event);
  if (after === undefined || after.state === "stray") throw unknownTransaction();
  return after;
}

/**
 * Lets an event happen to whatever is kept under a number; undefined when nothing is. A refund order that the event makes
 * is signed and written with the sale in one atom: the sale is looked at first, the order signed, and when the
 * sale wants the same order then, both are written; else once more.
 *
 * @throws as `transition` does
 */
export async function happenToAny(
  deps: HappenDeps,
  transactionNumber: string,
  event: SaleEvent,
): Promise<SaleRecord | undefined> {
  const fresh = freshFor(deps);
  let signed: StoredOrder | null = null;
  for (;;) {
    const attempt = await tryChange(deps, transactionNumber, event, fresh, signed);
    if (!attempt.toSign) {
      void deps.events.deliver();
      return attempt.sale;
    }
    signed = await deps.orders.sign(attempt.sale, attempt.toSign, fresh.at);
  }
}

/** What is new in a change: an id for an order that it may make, and the time. */
export function freshFor({ crypto, clock }: Pick<MtsDeps, "crypto" | "clock">): Fresh {
  return { orderId: toBase64url(crypto.randomBytes(16)), at: clock() };
}

interface Attempt {
  readonly sale: SaleRecord;
  /** The order that has to be signed before the change is written; null: it is written. */
  readonly toSign: OrderDraft | null;
}

async function tryChange(
  deps: HappenDeps,
  transactionNumber: string,
  event: SaleEvent,
  fresh: Fresh,
  signed: StoredOrder | null,
): Promise<Attempt | { readonly sale: undefined; readonly toSign: null }> {
  let toSign: OrderDraft | null = null;
  const sale = await deps.store.update(transactionNumber, (before) => {
    const { sale, news, order } = transition(before, event, fresh);
    toSign = order !== null && !isFor(signed, order) ? order : null;
    if (toSign !== null) return { sale: before, events: [], orders: [] };
    return {
      sale,
      events: deps.events.announce(news, transactionNumber, detailOf(news, event, sale, fresh)),
      orders: order === null || signed === null ? [] : [signed],
    };
  });
  return sale === undefined ? { sale, toSign: null } : { sale, toSign };
}

function isFor(signed: StoredOrder | null, { orderId, refunded, of }: OrderDraft): boolean {
  return signed?.orderId === orderId && signed.refunded === refunded && signed.of === of;
}

/** What tells one of several events of a kind from the others; empty where a sale has but one. */
function detailOf(news: NewsType | null, event: SaleEvent, sale: SaleRecord, fresh: Fresh): string {
  switch (news) {
    case null:
    case "quoted":
    case "authenticated":
    case "goodsSent":
      return "";
    case "paid":
      // Sold once more after a refund, it is paid once more.
      return paymentsOf(sale).length === 1 ? "" : fresh.orderId;
    case "duplicatePayment":
      return event.type === "proof-accepted" ? event.payment.jti : "";
    case "denied":
      return event.type === "denial-forwarded" ? event.denial.jti : "";
    case "redelivery":
      return event.type === "redelivery-wished" ? toBase64url(event.redelivery.requestHash) : "";
    case "refundAsked":
    case "refundDecided":
    case "refundGiven":
      return fresh.orderId;
  }
}

/**
 * The sale of a number that a quote of this shop's gave out.
 *
 * @throws {Refusal} `transaction-unknown`
 */
export async function findSale(
  deps: Pick<MtsDeps, "store">,
  transactionNumber: string,
): Promise<OfferedSale> {
  const sale = await deps.store.find(transactionNumber);
  if (sale === undefined || sale.state === "stray") throw unknownTransaction();
  return sale;
}

/** What answers a number that is not this shop's. */
export const unknownTransaction = () =>
  new Refusal("transaction-unknown", "Check the transaction number, or ask for a new quote.");
