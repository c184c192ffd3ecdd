/** How sales are read and changed: every change is durable, with what is to be told of it, before it counts. */
import { toBase64url } from "@chit/protocol";
import { Refusal } from "../errors.ts";
import type { MtsDeps } from "./deps.ts";
import type { NewsType, SaleRecord } from "./sale.ts";
import { type SaleEvent, transition } from "./transition.ts";

/** Lets an event happen to a sale, durably, and tells the hooks. */
export async function happen(
  deps: Pick<MtsDeps, "store" | "events">,
  transactionNumber: string,
  event: SaleEvent,
): Promise<SaleRecord> {
  const after = await deps.store.update(transactionNumber, (before) => {
    const { sale, news } = transition(before, event);
    const detail = detailOf(news, event);
    return { sale, events: deps.events.announce(news, transactionNumber, detail), orders: [] };
  });
  if (after === undefined) throw unknownTransaction();
  void deps.events.deliver();
  return after;
}

/** What tells one of several events of a kind from the others; empty where a sale has but one. */
function detailOf(news: NewsType | null, event: SaleEvent): string {
  if (news === null || news === "paid") return "";
  switch (event.type) {
    case "proof-accepted":
      return event.payment.jti;
    case "denial-forwarded":
      return event.denial.jti;
    case "redelivery-wished":
      return toBase64url(event.redelivery.requestHash);
    case "session-initiated":
    case "called-off":
    case "advised":
    case "goods-sent":
      return "";
  }
}

/**
 * The sale of a number.
 *
 * @throws {Refusal} `transaction-unknown`
 */
export async function findSale(
  deps: Pick<MtsDeps, "store">,
  transactionNumber: string,
): Promise<SaleRecord> {
  const sale = await deps.store.find(transactionNumber);
  if (sale === undefined) throw unknownTransaction();
  return sale;
}

/** What answers a number that is not this shop's. */
export const unknownTransaction = () =>
  new Refusal("transaction-unknown", "Check the transaction number, or ask for a new quote.");
