/** A sale and what may happen to it, for tests of the state machine alone. */
import { createQuote, fromUtf8 } from "@chit/protocol";
import { noRefund } from "../src/mts/refund-record.ts";
import type { OfferedSale, SaleRecord } from "../src/mts/sale.ts";
import type { LatePayments, SaleEvent, Transition } from "../src/mts/sale-event.ts";
import { transition } from "../src/mts/transition.ts";

export const PRICE = 49_000n;
export const EXPIRES = 900;
export const GOODS = ["one", "two"];
export const LATE: LatePayments = { expired: "deliver", cancelled: "refund", refunded: "refund" };

const SHOP = "https://shop.example/chit";
const id = (letter: string) => `${letter.repeat(21)}A`;
export const bytes = (fill: number) => new Uint8Array(32).fill(fill);

/** A quote's text, its signatures never looked at. */
const quoteText = fromUtf8(
  createQuote({
    v: 1,
    type: "quote",
    merchantId: id("M"),
    transactionNumber: id("T"),
    salt: id("S"),
    amount: PRICE.toString(),
    currency: "EUR",
    scale: 4,
    lines: [{ description: "Book", quantity: 1, amount: PRICE.toString() }],
    kind: "digital",
    addressRequired: false,
    loyalty: false,
    issuedAt: 0,
    expiresAt: EXPIRES,
    issuers: ["https://tps.example"],
    certificate: `e30.e30.${"A".repeat(86)}`,
    sessionUrl: `${SHOP}/session`,
    proofUrl: `${SHOP}/proof`,
    recoveryUrl: `${SHOP}/recovery`,
  }),
);

export const quoted: OfferedSale = {
  state: "quoted",
  transactionNumber: id("T"),
  sellerId: "x",
  quote: quoteText,
  quoteHash: bytes(0),
  issuedAt: 0,
  expiresAt: EXPIRES,
  endpoint: SHOP,
  reference: null,
  data: "null",
  promise: { goods: [], delivery: null, more: false },
  denials: [],
};

/** What was paid for a number that the shop does not know. */
export const stray: SaleRecord = {
  state: "stray",
  transactionNumber: id("T"),
  issuedAt: 0,
  expiresAt: 0,
  paid: { merchantId: id("M"), amount: PRICE, currency: "EUR", scale: 4 },
  payments: [{ jti: "first", document: "a.b.c", at: 0 }],
  refund: noRefund,
};

export const session = (who: number): SaleEvent => ({
  type: "session-initiated",
  session: {
    sessionHash: bytes(who),
    sealedHash: bytes(who),
    key: {
      quoteAuthentication: bytes(1),
      shippingAdvice: bytes(2),
      sendGoods: bytes(3),
      goods: bytes(4),
      token: bytes(5),
    },
    address: null,
    loyalty: null,
    authentication: `answer to ${who}`,
    at: 1,
  },
});

export const proof = (
  jti: string,
  { paidAt = 2, late = LATE, document = "a.b.c" as string | null } = {},
): SaleEvent => ({
  type: "proof-accepted",
  payment: { jti, document, at: paidAt },
  paidAt,
  late,
});

export const denial = (jti: string): SaleEvent => ({
  type: "denial-forwarded",
  denial: { jti, document: "a.b.c", at: 2 },
});

export const advised = (body: string): SaleEvent => ({
  type: "advised",
  advice: {
    body,
    goods: GOODS.map((goodsId) => ({
      goodsId,
      name: "G",
      filename: "g",
      mediaType: "text/plain",
      presentation: "save",
      file: { place: "spool", path: "g", size: 1, modified: "1", digest: bytes(6) },
    })),
    sent: [],
  },
});

export const sent = (goodsId: string): SaleEvent => ({ type: "goods-sent", goodsId, at: 3 });

export const wished = (request: number, times = 2): SaleEvent => ({
  type: "redelivery-wished",
  redelivery: {
    requestHash: bytes(request),
    key: { sendGoods: bytes(request), goods: bytes(request) },
    at: 4,
    until: 5,
  },
  terms: { periodSeconds: 100, times },
});

export const asked = (request: number, amount: bigint | null = null): SaleEvent => ({
  type: "refund-asked",
  request: { requestHash: bytes(request), reason: "other", text: null, amount },
});

export const refund = (amount: bigint | null = null): SaleEvent => ({
  type: "refund-made",
  amount,
  message: null,
});

let orders = 0;

/** One event, with an order id of its own. */
export function happens(sale: SaleRecord, event: SaleEvent, at = 10): Transition {
  orders += 1;
  return transition(sale, event, { orderId: `order-${orders}`, at });
}

/** The sale after some events. */
export function after(sale: SaleRecord, ...events: SaleEvent[]): SaleRecord {
  return events.reduce((before, event) => happens(before, event).sale, sale);
}
