/**
 * Someone else pays: what the MTS shows to whoever has the initiator's link, and what it answers to a proof that somebody
 * else forwards. Nothing here knows of HTTP.
 */
import {
  asksForAdvice,
  ChitError,
  createProofReceipt,
  type ForwardedVerdict,
  isPayerKey,
  type Quote,
  utf8,
} from "@chit/protocol";
import { Refusal } from "../errors.ts";
import type { MtsDeps } from "./deps.ts";
import { findSale, type HappenDeps, happen, unknownTransaction } from "./happen.ts";
import { type OfferedSale, paymentsOf, sessionOf } from "./sale.ts";
import { quoteOf, subjectOf } from "./subject.ts";

/** How the sale of a link stands, for whoever has the link. */
export type PayerOffer =
  /** To be paid by whoever wants to. */
  | { readonly state: "open"; readonly sale: OfferedSale; readonly quote: Quote }
  /** Somebody has paid. */
  | { readonly state: "paid" }
  /** The initiator wants nobody else to pay any more. */
  | { readonly state: "closed" }
  /** Nobody paid in time. */
  | { readonly state: "expired" };

/**
 * What a link leads to. A number without its key leads nowhere: whoever knows the number alone (the TPS does) must not
 * read what is bought.
 *
 * @throws {Refusal} `transaction-unknown`
 */
export async function payerOffer(
  deps: Pick<MtsDeps, "store" | "clock">,
  transactionNumber: string,
  key: string,
): Promise<PayerOffer> {
  const sale = await findSale(deps, transactionNumber);
  const session = sessionOf(sale);
  if (session === null || !isPayerKey(session, subjectOf(sale), key)) throw unknownTransaction();
  if (sale.state === "cancelled") return { state: "closed" };
  if (sale.state !== "authenticated") return { state: "paid" };
  if (sale.session.calledOff !== undefined) return { state: "closed" };
  if (deps.clock() > sale.expiresAt) return { state: "expired" };
  return { state: "open", sale, quote: quoteOf(sale) };
}

/**
 * The quote's exact bytes, for the wallet of whoever pays for the initiator.
 *
 * @throws {Refusal} `transaction-unknown`, `already-paid`, `payer-link-closed`, `quote-expired`
 */
export async function payerQuoteBytes(
  deps: Pick<MtsDeps, "store" | "clock">,
  transactionNumber: string,
  key: string,
): Promise<Uint8Array> {
  const offer = await payerOffer(deps, transactionNumber, key);
  switch (offer.state) {
    case "open":
      return utf8(offer.sale.quote);
    case "paid":
      throw new Refusal("already-paid", "Nothing is left to pay. Tell whoever gave you the link.");
    case "closed":
      throw new Refusal("payer-link-closed", "Ask whoever gave you the link for a new one.");
    case "expired":
      throw new Refusal("quote-expired", "Ask whoever gave you the link for a new one.");
  }
}

/**
 * The initiator's wish that nobody else pays any more: the link says so from now on. A payment that is under way all the
 * same is accepted when it comes.
 */
export function callOff(
  deps: HappenDeps,
  { transactionNumber }: OfferedSale,
): Promise<OfferedSale> {
  return happen(deps, transactionNumber, { type: "called-off", at: deps.clock() });
}

/**
 * Whether a proof was forwarded by the sale's initiator, who gets the advice.
 *
 * @throws {ChitError} `authentication-failed`: it says so, and is not
 */
export function expectsAdvice(sale: OfferedSale, forwarded: ForwardedVerdict): boolean {
  if (forwarded.type !== "proof-of-payment" || forwarded.mac === undefined) return false;
  const session = sessionOf(sale);
  if (session !== null && asksForAdvice(session, subjectOf(sale), forwarded)) return true;
  throw new ChitError("authentication-failed", "The advice is for the session's initiator alone.");
}

/** What whoever else forwards a proof is told; the same for the same proof for ever. */
export function receiptFor(sale: OfferedSale, paymentId: string): Uint8Array {
  const { transactionNumber } = sale;
  const [payment] = paymentsOf(sale);
  return createProofReceipt({ transactionNumber, paymentId, first: payment?.jti === paymentId });
}
