/**
 * A sale as the MTS stores it, and the one function that changes it. A sale is a merchant transaction number
 * with everything that happened to it:
 *
 *     quoted → authenticated → paid → delivered
 *
 * Refund states will follow on `paid` and `delivered`. A proof is never refused because a quote expired: the
 * session shows that the payment was asked for in time, and money that moved is never lost.
 */
import {
  addressSchema,
  bytes,
  displayText,
  equalBytes,
  identifier,
  LIMITS,
  message,
  secureUrl,
  time,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";

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
    /** Kept for redelivery and refund. */
    token: digest,
  }),
  address: v.nullable(addressSchema),
  /** The answer's exact text (step 4). */
  authentication: v.string(),
  at: time,
});

const paymentSchema = message({
  /** The payment's name at the TPS. */
  jti: identifier,
  /** The proof or denial, a JWS. */
  document: v.string(),
  at: time,
});

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
  denials: v.array(paymentSchema),
};
const paid = {
  ...base,
  session: sessionSchema,
  /** The first one counted; further ones are duplicates that a refund will return. */
  payments: v.pipe(v.array(paymentSchema), v.minLength(1)),
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
  message({ state: v.literal("delivered"), ...paid, advice: adviceSchema }),
]);

export type SaleRecord = v.InferOutput<typeof saleSchema>;
export type SaleState = SaleRecord["state"];
export type SaleSession = v.InferOutput<typeof sessionSchema>;
export type Payment = v.InferOutput<typeof paymentSchema>;
export type GoodsRecord = v.InferOutput<typeof goodsRecordSchema>;
export type PromisedGoods = v.InferOutput<typeof promisedGoodsSchema>;
export type DeliveryRecord = v.InferOutput<typeof deliverySchema>;
export type SalePromise = v.InferOutput<typeof promiseSchema>;
export type StoredFile = v.InferOutput<typeof storedFileSchema>;
export type AdviceRecord = v.InferOutput<typeof adviceSchema>;

/** What can happen to a sale. */
export type SaleEvent =
  | { readonly type: "session-initiated"; readonly session: SaleSession }
  | { readonly type: "proof-accepted"; readonly payment: Payment }
  | { readonly type: "denial-forwarded"; readonly denial: Payment }
  | { readonly type: "advised"; readonly advice: AdviceRecord }
  | { readonly type: "goods-sent"; readonly goodsId: string };

/** What hooks are told. */
export type NewsType =
  | "quoted"
  | "authenticated"
  | "paid"
  | "goodsSent"
  | "denied"
  | "duplicatePayment";

/** The sale after an event, and what to tell about it. An event that changes nothing gives the same object. */
export interface Transition {
  readonly sale: SaleRecord;
  readonly news: NewsType | null;
}

/**
 * What an event makes of a sale. Pure.
 *
 * @throws {Refusal} `session-taken`, `quote-expired`, `session-missing`, `not-paid`
 */
export function transition(sale: SaleRecord, event: SaleEvent): Transition {
  switch (event.type) {
    case "session-initiated":
      return initiateSession(sale, event.session);
    case "proof-accepted":
      return acceptPayment(sale, event.payment);
    case "denial-forwarded":
      return noteDenial(sale, event.denial);
    case "advised":
      return advise(sale, event.advice);
    case "goods-sent":
      return sendGoods(sale, event.goodsId);
  }
}

function initiateSession(sale: SaleRecord, session: SaleSession): Transition {
  switch (sale.state) {
    case "quoted":
      return { sale: { ...sale, state: "authenticated", session }, news: "authenticated" };
    case "authenticated":
    case "paid":
    case "delivered":
      if (equalBytes(sale.session.sessionHash, session.sessionHash)) {
        return { sale, news: null };
      }
      throw new Refusal(
        "session-taken",
        "Another wallet began this purchase. Ask for a new quote.",
      );
  }
}

function acceptPayment(sale: SaleRecord, payment: Payment): Transition {
  switch (sale.state) {
    case "quoted":
      throw new Refusal(
        "session-missing",
        "Initiate the session (step 3) first: the goods go to its initiator alone.",
      );
    case "authenticated":
      return {
        sale: { ...sale, state: "paid", payments: [payment], advice: null },
        news: "paid",
      };
    case "paid":
    case "delivered":
      if (sale.payments.some(({ jti }) => jti === payment.jti)) return { sale, news: null };
      return {
        sale: { ...sale, payments: [...sale.payments, payment] },
        news: "duplicatePayment",
      };
  }
}

/** A denial says that one wallet could not pay: another may, so the number stays open. */
function noteDenial(sale: SaleRecord, denial: Payment): Transition {
  const known = sale.denials.some(({ jti }) => jti === denial.jti);
  if (known || sale.denials.length >= MERCHANT_LIMITS.denials) return { sale, news: null };
  return { sale: { ...sale, denials: [...sale.denials, denial] }, news: "denied" };
}

/** The first advice stays: the same sale always gets the same bytes. */
function advise(sale: SaleRecord, advice: AdviceRecord): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "paid":
      return { sale: sale.advice === null ? { ...sale, advice } : sale, news: null };
    case "delivered":
      return { sale, news: null };
  }
}

function sendGoods(sale: SaleRecord, goodsId: string): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "paid": {
      const { advice } = sale;
      if (advice === null || advice.sent.includes(goodsId)) return { sale, news: null };
      const sent = [...advice.sent, goodsId];
      const all = advice.goods.every((goods) => sent.includes(goods.goodsId));
      return all
        ? { sale: { ...sale, state: "delivered", advice: { ...advice, sent } }, news: "goodsSent" }
        : { sale: { ...sale, advice: { ...advice, sent } }, news: null };
    }
    case "delivered":
      return { sale, news: null };
  }
}
