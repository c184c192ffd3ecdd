/** The state machine and the prices, for any order of events and any amount. */
import { formatDecimal } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MerchantError } from "../src/index.ts";
import { quoteLines } from "../src/mts/offer.ts";
import type { SaleRecord, SaleState } from "../src/mts/sale.ts";
import { type SaleEvent, transition } from "../src/mts/transition.ts";

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const GOODS = ["one", "two"];

const newSale = (): SaleRecord => ({
  state: "quoted",
  transactionNumber: "AAAAAAAAAAAAAAAAAAAAAA",
  sellerId: "x",
  quote: "{}",
  quoteHash: bytes(0),
  issuedAt: 0,
  expiresAt: 900,
  endpoint: "https://shop.example/chit",
  reference: null,
  data: "null",
  promise: { goods: [], delivery: null, more: false },
  denials: [],
});
const quoted = newSale();

const session = (who: number): SaleEvent => ({
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
    authentication: `answer to ${who}`,
    at: 1,
  },
});
const proof = (jti: string): SaleEvent => ({
  type: "proof-accepted",
  payment: { jti, document: "a.b.c", at: 2 },
});
const denial = (jti: string): SaleEvent => ({
  type: "denial-forwarded",
  denial: { jti, document: "a.b.c", at: 2 },
});
const advised = (body: string): SaleEvent => ({
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
const sent = (goodsId: string): SaleEvent => ({ type: "goods-sent", goodsId, at: 3 });

const REQUESTS = [7, 8, 9];
const wished = (request: number, times = 2): SaleEvent => ({
  type: "redelivery-wished",
  redelivery: {
    requestHash: bytes(request),
    key: { sendGoods: bytes(request), goods: bytes(request) },
    at: 4,
    until: 5,
  },
  terms: { periodSeconds: 100, times },
});

const anyEvent = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map(session),
  fc.constantFrom("p1", "p2", "p3").map(proof),
  fc.constantFrom("d1", "d2").map(denial),
  fc.constantFrom("first", "second").map(advised),
  fc.constantFrom(...GOODS).map(sent),
  fc.constantFrom(...REQUESTS).map((request) => wished(request)),
);
const ORDER: readonly SaleState[] = ["quoted", "authenticated", "paid", "delivered"];

describe("a sale", () => {
  test("never goes back, keeps its session, its payments and its advice, and tells of each once", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        let sale = quoted;
        const told: string[] = [];
        for (const event of events) {
          const before = sale;
          let after: SaleRecord;
          try {
            const step = transition(before, event);
            after = step.sale;
            if (step.news !== null) told.push(step.news);
            expect(step.news === null || after !== before).toBe(true);
          } catch {
            continue;
          }
          expect(ORDER.indexOf(after.state)).toBeGreaterThanOrEqual(ORDER.indexOf(before.state));
          if (before.state !== "quoted" && after.state !== "quoted") {
            expect(after.session).toBe(before.session);
          }
          if (before.state === "paid" || before.state === "delivered") {
            if (after.state !== "paid" && after.state !== "delivered") throw new Error("Unpaid.");
            expect(after.payments.slice(0, before.payments.length)).toEqual(before.payments);
            const given = before.redeliveries.length;
            expect(after.redeliveries.slice(0, given)).toEqual(before.redeliveries);
            if (before.advice !== null) expect(after.advice?.body).toBe(before.advice.body);
          }
          sale = after;
        }
        const times = (news: string) => told.filter((one) => one === news).length;
        for (const once of ["authenticated", "paid", "goodsSent"]) {
          expect(times(once)).toBeLessThanOrEqual(1);
        }
        expect(times("goodsSent")).toBe(sale.state === "delivered" ? 1 : 0);
        expect(times("denied")).toBe(sale.denials.length);
        if (sale.state === "paid" || sale.state === "delivered") {
          expect(times("paid") + times("duplicatePayment")).toBe(sale.payments.length);
          expect(new Set(sale.payments.map(({ jti }) => jti)).size).toBe(sale.payments.length);
          const requests = sale.redeliveries.map(({ requestHash }) => requestHash[0]);
          expect(times("redelivery")).toBe(requests.length);
          expect(new Set(requests).size).toBe(requests.length);
        }
      }),
    );
  });

  test("is delivered when every thing was sent in full", () => {
    const events = [session(1), proof("p"), advised("a"), sent("one"), sent("one")];
    const almost = events.reduce<SaleRecord>((sale, event) => transition(sale, event).sale, quoted);
    expect(almost.state).toBe("paid");
    expect(transition(almost, sent("two"))).toMatchObject({
      sale: { state: "delivered" },
      news: "goodsSent",
    });
  });

  test("keeps 20 denials and no more", () => {
    let sale = quoted;
    for (let index = 0; index < 50; index++) sale = transition(sale, denial(`d${index}`)).sale;
    expect(sale.denials).toHaveLength(20);
  });
});

describe("prices", () => {
  test("are exact to the smallest unit, whatever the quantity", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 8 }),
        (units, quantity, scale) => {
          const price = formatDecimal(units, scale);
          const line = { description: "x", quantity, price };
          const { total } = quoteLines({ name: "x", lines: [line] }, scale);
          expect(total).toBe(units * BigInt(quantity));
        },
      ),
    );
  });

  test("as floats are refused, with what to write instead", () => {
    fc.assert(
      fc.property(fc.double(), (price) => {
        const offer = { name: "x", price: price as unknown as string };
        expect(() => quoteLines(offer, 4)).toThrow(
          expect.objectContaining({
            code: "price-invalid",
            message: expect.stringContaining("4.90"),
          }),
        );
      }),
    );
  });

  test("of lines with a fraction of a piece, or lines and price at once, are refused", () => {
    const lines = [{ description: "x", quantity: 0.5, price: "1" }];
    expect(() => quoteLines({ name: "x", lines }, 4)).toThrow(MerchantError);
    expect(() => quoteLines({ name: "x", price: "1", lines: [] }, 4)).toThrow(MerchantError);
    expect(() => quoteLines({ name: "x" }, 4)).toThrow(MerchantError);
  });
});
