/**
 * How a payment comes to its sale: forwarded as a proof, or told by a settlement report. None is ever dropped: the TPS took
 * somebody's money for this merchant, so it is delivered for, or given back.
 */
import { equalBytes } from "@chit/protocol";
import type { MtsDeps } from "./deps.ts";
import { freshFor, type HappenDeps, happenToAny } from "./happen.ts";
import { returnAll } from "./refund-events.ts";
import { noRefund } from "./refund-record.ts";
import { paymentsOf, type SaleRecord } from "./sale.ts";
import { subjectOf } from "./subject.ts";

type PaymentDeps = HappenDeps & Pick<MtsDeps, "refunds" | "certificate">;

/** A payment as a verified proof, or a verified settlement report, tells of it. */
export interface KnownPayment {
  /** The payment's name at the TPS: `jti` of its proof. */
  readonly paymentId: string;
  readonly transactionNumber: string;
  /** Smallest units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly scale: number;
  /** When the TPS took the money, in seconds by its clock. */
  readonly paidAt: number;
  /** The proof; null when there is only a report. */
  readonly document: string | null;
}

/**
 * Keeps a payment with its sale. For a number that the shop does not know a record is begun, and all of it is given back.
 *
 * The caller has compared quote hash and amount with the sale's, where there is one.
 */
export async function keepPayment(deps: PaymentDeps, paid: KnownPayment): Promise<SaleRecord> {
  const { paymentId, transactionNumber, document, paidAt } = paid;
  const payment = { jti: paymentId, document, at: deps.clock() };
  const late = deps.refunds.latePayments;
  const event = { type: "proof-accepted", payment, paidAt, late } as const;
  const after = await happenToAny(deps, transactionNumber, event);
  if (after !== undefined) return after;
  const begun = await beginStray(deps, paid);
  if (begun !== null) return begun;
  // Another payment for the same number came first, just now.
  const joined = await happenToAny(deps, transactionNumber, event);
  if (joined === undefined) throw new Error("A stray payment was refused, but none is kept.");
  return joined;
}

/** A payment as an entry of a settlement report, that was verified, tells of it. */
export interface ReportedPayment extends Omit<KnownPayment, "document"> {
  readonly quoteHash: Uint8Array;
}

/**
 * Keeps a payment of which only a settlement report tells: the wallet that made it never came with its proof. From then on
 * it is like any other, so it is delivered for when its wallet comes, or given back as `refunds.latePayments` says.
 *
 * @returns `known` when it was kept before; `mismatch` when it is for another quote or amount than the number's: that is not
 * kept, for to give it back would give back the number's good payments with it (paper, section 3), which is for the merchant to
 * decide
 */
export async function keepReportedPayment(
  deps: PaymentDeps,
  { quoteHash, ...reported }: ReportedPayment,
): Promise<"recorded" | "known" | "mismatch"> {
  const sale = await deps.store.find(reported.transactionNumber);
  if (sale !== undefined) {
    if (paymentsOf(sale).some(({ jti }) => jti === reported.paymentId)) return "known";
    if (sale.state !== "stray" && !fits(subjectOf(sale), quoteHash, reported)) return "mismatch";
  }
  await keepPayment(deps, { ...reported, document: null });
  return "recorded";
}

function fits(
  subject: ReturnType<typeof subjectOf>,
  quoteHash: Uint8Array,
  { amount, currency, scale }: Omit<ReportedPayment, "quoteHash">,
): boolean {
  return (
    subject.amount === amount &&
    subject.currency === currency &&
    subject.scale === scale &&
    equalBytes(subject.quoteHash, quoteHash)
  );
}

/** Begins the record of a number that is not known; null when somebody else just did. */
async function beginStray(deps: PaymentDeps, paid: KnownPayment): Promise<SaleRecord | null> {
  const { transactionNumber, paymentId, document, amount, currency, scale } = paid;
  const fresh = freshFor(deps);
  const { at } = fresh;
  const { merchantId } = deps.certificate;
  const stray: Extract<SaleRecord, { state: "stray" }> = {
    state: "stray",
    transactionNumber,
    issuedAt: at,
    expiresAt: at,
    paid: { merchantId, amount, currency, scale },
    payments: [{ jti: paymentId, document, at }],
    refund: noRefund,
  };
  const { sale, news, order } = returnAll(stray, fresh);
  if (order === null) throw new Error("A stray payment makes no refund order.");
  const signed = await deps.orders.sign(sale, order, at);
  const events = deps.events.announce(news, transactionNumber, order.orderId);
  try {
    await deps.store.insert({ sale, events, orders: [signed] });
  } catch (error) {
    if ((await deps.store.find(transactionNumber)) === undefined) throw error;
    return null;
  }
  void deps.events.deliver();
  return sale;
}
