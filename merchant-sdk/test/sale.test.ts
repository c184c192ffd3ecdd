/** The state machine and the prices, for any order of events and any amount. */
import { formatDecimal } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MerchantError } from "../src/index.ts";
import { quoteLines } from "../src/mts/offer.ts";
import { paymentsOf, type SaleRecord, type SaleState, sessionOf } from "../src/mts/sale.ts";
import {
  advised,
  after,
  denial,
  GOODS,
  happens,
  proof,
  quoted,
  sent,
  session,
  wished,
} from "./sale-events.ts";

const REQUESTS = [7, 8, 9];

const anyEvent = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map(session),
  fc.constantFrom("p1", "p2", "p3").map((jti) => proof(jti)),
  fc.constantFrom("d1", "d2").map(denial),
  fc.constantFrom("first", "second").map(advised),
  fc.constantFrom(...GOODS).map(sent),
  fc.constantFrom(...REQUESTS).map((request) => wished(request)),
);
const ORDER: readonly SaleState[] = ["authenticated", "paid", "delivered"];

describe("a sale", () => {
  test("never goes back, keeps its session, its payments and its advice, and tells of each once", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        let sale: SaleRecord = happens(quoted, session(1)).sale;
        const told: string[] = [];
        for (const event of events) {
          const before = sale;
          let next: SaleRecord;
          try {
            const step = happens(before, event);
            next = step.sale;
            if (step.news !== null) told.push(step.news);
            expect(step.news === null || next !== before).toBe(true);
          } catch {
            continue;
          }
          expect(ORDER.indexOf(next.state)).toBeGreaterThanOrEqual(ORDER.indexOf(before.state));
          expect(sessionOf(next)).toBe(sessionOf(before));
          if (before.state === "paid" || before.state === "delivered") {
            if (next.state !== "paid" && next.state !== "delivered") throw new Error("Unpaid.");
            expect(next.payments.slice(0, before.payments.length)).toEqual(before.payments);
            const given = before.redeliveries.length;
            expect(next.redeliveries.slice(0, given)).toEqual(before.redeliveries);
            if (before.advice !== null) expect(next.advice?.body).toBe(before.advice.body);
          }
          sale = next;
        }
        const times = (news: string) => told.filter((one) => one === news).length;
        for (const once of ["paid", "goodsSent"]) {
          expect(times(once)).toBeLessThanOrEqual(1);
        }
        expect(times("goodsSent")).toBe(sale.state === "delivered" ? 1 : 0);
        expect(times("denied")).toBe("denials" in sale ? sale.denials.length : 0);
        if (sale.state === "paid" || sale.state === "delivered") {
          const payments = paymentsOf(sale);
          expect(times("paid") + times("duplicatePayment")).toBe(payments.length);
          expect(new Set(payments.map(({ jti }) => jti)).size).toBe(payments.length);
          const requests = sale.redeliveries.map(({ requestHash }) => requestHash[0]);
          expect(times("redelivery")).toBe(requests.length);
          expect(new Set(requests).size).toBe(requests.length);
        }
      }),
    );
  });

  test("is delivered when every thing was sent in full", () => {
    const events = [session(1), proof("p"), advised("a"), sent("one"), sent("one")];
    const almost = after(quoted, ...events);
    expect(almost.state).toBe("paid");
    expect(happens(almost, sent("two"))).toMatchObject({
      sale: { state: "delivered" },
      news: "goodsSent",
    });
  });

  test("keeps 20 denials and no more", () => {
    const denials = Array.from({ length: 50 }, (_, index) => denial(`d${index}`));
    expect(after(quoted, ...denials)).toMatchObject({ denials: { length: 20 } });
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
