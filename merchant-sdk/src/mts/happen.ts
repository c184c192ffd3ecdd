/** How sales are read and changed: every change is durable, with what is to be told of it, before it counts. */
import { Refusal } from "../errors.ts";
import type { MtsDeps } from "./deps.ts";
import { type SaleEvent, type SaleRecord, transition } from "./sale.ts";

/** Lets an event happen to a sale, durably, and tells the hooks. */
export async function happen(
  deps: Pick<MtsDeps, "store" | "events">,
  transactionNumber: string,
  event: SaleEvent,
): Promise<SaleRecord> {
  const after = await deps.store.update(transactionNumber, (before) => {
    const { sale, news } = transition(before, event);
    const detail = news === "duplicatePayment" || news === "denied" ? jtiOf(event) : "";
    return { sale, events: deps.events.announce(news, transactionNumber, detail) };
  });
  if (after === undefined) throw unknownTransaction();
  void deps.events.deliver();
  return after;
}

function jtiOf(event: SaleEvent): string {
  if (event.type === "proof-accepted") return event.payment.jti;
  return event.type === "denial-forwarded" ? event.denial.jti : "";
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
