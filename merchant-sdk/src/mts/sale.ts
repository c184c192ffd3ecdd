/**
 * A sale as the MTS stores it: a merchant transaction number with everything that happened to it. What changes
 * it is in `transition.ts`.
 *
 *     quoted → authenticated → paid → delivered
 *        ↘          ↘            ↑ where the merchant's policy delivers what was paid late
 *         cancelled · returned ──┘
 *     stray: paid for, but no number of this shop's that it knows
 *
 * A redelivery is no state: a delivered sale keeps its fresh sessions beside the first one. Nor is a refund, which is
 * kept beside (`refund-record.ts`): a sale may be given back in part, and goods may be on their way meanwhile.
 */
import {
  addressSchema,
  bytes,
  currency,
  displayText,
  identifier,
  LIMITS,
  message,
  positiveAmount,
  scale,
  secureUrl,
  time,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { MERCHANT_LIMITS } from "../limits.ts";
import { noRefundStored, refundSchema } from "./refund-record.ts";

const digest = bytes(32);

/** As the shipping advice will want it: what is wrong shows before anybody paid. */
const mediaType = v.pipe(
  v.string(),
  v.maxLength(100),
  v.regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*$/, "Expected a media type."),
);

/** A file of goods as it was when it was looked at last: enough to notice that it changed. */
const storedFileSchema = message({
  /** `file`: the merchant's own, at `path`; `spool`: a name in the spool directory. */
  place: v.picklist(["file", "spool"]),
  path: v.string(),
  size: whole(0, LIMITS.goodsBytes),
  /** Modification time in milliseconds with its fraction, as text. */
  modified: v.string(),
  digest,
});

/** One digital thing of a sale. */
const goodsRecordSchema = message({
  goodsId: identifier,
  name: displayText(LIMITS.lineTextLength),
  filename: displayText(LIMITS.lineTextLength),
  mediaType,
  presentation: v.picklist(["save", "page"]),
  file: storedFileSchema,
});

/** A digital thing that was known when the quote was made; looked at and measured after payment. */
const promisedGoodsSchema = message({
  name: displayText(LIMITS.lineTextLength),
  filename: displayText(LIMITS.lineTextLength),
  mediaType,
  presentation: v.picklist(["save", "page"]),
  place: v.picklist(["file", "spool"]),
  path: v.string(),
});

const deliverySchema = message({
  text: displayText(LIMITS.deliveryTextLength),
  carrier: v.exactOptional(displayText(LIMITS.nameLength)),
  trackingUrl: v.exactOptional(secureUrl),
  expectedFrom: v.exactOptional(time),
  expectedUntil: v.exactOptional(time),
});

/** What the quote promised. `more`: the seller's fulfilment adds to it after payment. */
const promiseSchema = message({
  goods: v.pipe(v.array(promisedGoodsSchema), v.maxLength(LIMITS.goodsItems)),
  delivery: v.nullable(deliverySchema),
  more: v.boolean(),
});

/** The session that the number is bound to, with all its segments. */
const sessionSchema = message({
  /** Hash of the initiation's exact bytes: the same bytes get the same answer. */
  sessionHash: digest,
  sealedHash: digest,
  key: message({
    quoteAuthentication: digest,
    shippingAdvice: digest,
    sendGoods: digest,
    goods: digest,
    /** What a recovery request refers back with. */
    token: digest,
  }),
  address: v.nullable(addressSchema),
  /** The shopper's pseudonym at this shop; absent in records from before there were any. */
  loyalty: v.optional(v.nullable(identifier), null),
  /** The answer's exact text (step 4). */
  authentication: v.string(),
  at: time,
  /** When its initiator wanted nobody else to pay any more; absent while anybody with the link may. */
  calledOff: v.exactOptional(time),
});

/** A fresh session for the goods of a paid sale (recovery). */
const redeliverySchema = message({
  /** Hash of the request's exact bytes: the same bytes are the same redelivery. */
  requestHash: digest,
  key: message({ sendGoods: digest, goods: digest }),
  at: time,
  /** When its key expires. */
  until: time,
});

const paymentSchema = message({
  /** The payment's name at the TPS. */
  jti: identifier,
  /** The proof, a JWS; null when only the settlement report tells of the payment. */
  document: v.nullable(v.string()),
  at: time,
});

const denialSchema = message({ jti: identifier, document: v.string(), at: time });

const adviceSchema = message({
  /** The shipping advice's exact text (step 8). */
  body: v.string(),
  goods: v.array(goodsRecordSchema),
  /** Ids of the goods that were sent in full. */
  sent: v.array(identifier),
});

const base = {
  transactionNumber: identifier,
  sellerId: v.string(),
  /** The quote's exact text (step 2). */
  quote: v.string(),
  quoteHash: digest,
  issuedAt: time,
  expiresAt: time,
  /** Where the protocol's endpoints are, as the quote told the wallet. */
  endpoint: secureUrl,
  reference: v.nullable(v.pipe(v.string(), v.maxLength(MERCHANT_LIMITS.referenceLength))),
  /** The merchant's own data, as JSON text. */
  data: v.string(),
  promise: promiseSchema,
  denials: v.array(denialSchema),
};
/** Absent in records from before there were any. */
const refund = v.optional(refundSchema, noRefundStored);
const paid = {
  ...base,
  session: sessionSchema,
  /** The first one counted; further ones are duplicates that a refund returns with it. */
  payments: v.pipe(v.array(paymentSchema), v.minLength(1)),
  refund,
  /** In the order in which they were given; absent in records from before there were any. */
  redeliveries: v.optional(v.array(redeliverySchema), []),
};

/** A sale, by state. */
export const saleSchema = v.variant("state", [
  /** A quote was made; nobody opened a session. */
  message({ state: v.literal("quoted"), ...base }),
  /** Bound to one session, quote and address authenticated. */
  message({ state: v.literal("authenticated"), ...base, session: sessionSchema }),
  /** A proof-of-payment was accepted. `advice` is null until fulfilment gave its goods. */
  message({ state: v.literal("paid"), ...paid, advice: v.nullable(adviceSchema) }),
  /** Every digital thing was sent in full at least once. */
  message({
    state: v.literal("delivered"),
    ...paid,
    advice: adviceSchema,
    /** When the last thing was sent in full; absent in records from before it was kept. */
    deliveredAt: v.exactOptional(time),
  }),
  /** The merchant takes the offer back, unpaid. */
  message({
    state: v.literal("cancelled"),
    ...base,
    session: v.nullable(sessionSchema),
    cancelledAt: time,
  }),
  /** Paid too late, after it was cancelled, or before anybody opened a session: all of it goes back. */
  message({
    state: v.literal("returned"),
    ...base,
    session: v.nullable(sessionSchema),
    /** None where the merchant refunds a cancelled number unseen. */
    payments: v.array(paymentSchema),
    refund,
  }),
  /** Payments to this merchant for a number that it forgot, or never gave: all of them go back. */
  message({
    state: v.literal("stray"),
    transactionNumber: identifier,
    /** When the first of them became known; nothing was issued here. */
    issuedAt: time,
    expiresAt: time,
    /** What the first of them paid. */
    paid: message({ merchantId: identifier, amount: positiveAmount, currency, scale }),
    payments: v.pipe(v.array(paymentSchema), v.minLength(1)),
    refund,
  }),
]);

export type SaleRecord = v.InferOutput<typeof saleSchema>;
/** A sale that began with a quote of this shop's. */
export type OfferedSale = Exclude<SaleRecord, { state: "stray" }>;
/** A sale for which there may be payments to give back. */
export type RefundableSale = Extract<SaleRecord, { refund: unknown }>;
export type SaleState = SaleRecord["state"];
export type SaleSession = v.InferOutput<typeof sessionSchema>;
export type Redelivery = v.InferOutput<typeof redeliverySchema>;
/** A sale that somebody paid. */
export type PaidSale = Extract<SaleRecord, { state: "paid" | "delivered" }>;
export type Payment = v.InferOutput<typeof paymentSchema>;
export type Denial = v.InferOutput<typeof denialSchema>;
export type GoodsRecord = v.InferOutput<typeof goodsRecordSchema>;
export type PromisedGoods = v.InferOutput<typeof promisedGoodsSchema>;
export type DeliveryRecord = v.InferOutput<typeof deliverySchema>;
export type SalePromise = v.InferOutput<typeof promiseSchema>;
export type StoredFile = v.InferOutput<typeof storedFileSchema>;
export type AdviceRecord = v.InferOutput<typeof adviceSchema>;

/** What hooks are told. */
export const NEWS_TYPES = [
  "quoted",
  "authenticated",
  "paid",
  "goodsSent",
  "redelivery",
  "denied",
  "duplicatePayment",
  "refundAsked",
  "refundDecided",
  "refundGiven",
] as const;
export type NewsType = (typeof NEWS_TYPES)[number];

/** The session that a number is bound to; null while, or where, there is none. */
export function sessionOf(sale: SaleRecord): SaleSession | null {
  switch (sale.state) {
    case "quoted":
    case "stray":
      return null;
    default:
      return sale.session;
  }
}

/** Everything that was paid for a sale, oldest first. */
export function paymentsOf(sale: SaleRecord): readonly Payment[] {
  return "payments" in sale ? sale.payments : [];
}
