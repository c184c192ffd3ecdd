/** Refund orders: what is given back, for any payments and any orders in any sequence. */
import {
  createRefundOrder,
  type RefundShare,
  refundTarget,
  verifyRefundOrder,
} from "@chit/protocol";
import { nodeCrypto, nodeSigner } from "@chit/protocol/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const MOST = 2n ** 63n - 1n;
const amount = fc.bigInt({ min: 1n, max: MOST });

/** Shares of one quote's amount. */
const shares = amount.chain((of) =>
  fc.array(
    fc.bigInt({ min: 1n, max: of }).map((refunded): RefundShare => ({ refunded, of })),
    { minLength: 1, maxLength: 8 },
  ),
);

/** What payments were given back after some orders: each is brought up to the order's target, none goes down. */
function execute(payments: readonly bigint[], orders: readonly RefundShare[]): bigint[] {
  const given = payments.map(() => 0n);
  for (const order of orders) {
    payments.forEach((payment, index) => {
      const target = refundTarget(payment, order);
      if (target > (given[index] ?? 0n)) given[index] = target;
    });
  }
  return given;
}

describe("a refund order's target", () => {
  test("is never more than was paid, all of it for all, and grows with the share and the payment", () => {
    fc.assert(
      fc.property(shares, amount, amount, (orders, one, other) => {
        const [less = one, more = one] = one < other ? [one, other] : [other, one];
        const sorted = [...orders].sort((a, b) => (a.refunded < b.refunded ? -1 : 1));
        let before = 0n;
        for (const order of sorted) {
          const target = refundTarget(more, order);
          expect(target >= before && target <= more).toBe(true);
          expect(refundTarget(less, order) <= target).toBe(true);
          before = target;
        }
        const of = orders[0]?.of ?? 1n;
        expect(refundTarget(more, { refunded: of, of })).toBe(more);
      }),
    );
  });

  test("of the quote's own amount is the share itself", () => {
    fc.assert(
      fc.property(shares, (orders) => {
        for (const order of orders) expect(refundTarget(order.of, order)).toBe(order.refunded);
      }),
    );
  });

  test("is less than the exact share by less than one unit", () => {
    fc.assert(
      fc.property(shares, amount, ([order], payment) => {
        if (order === undefined) return;
        const rest = payment * order.refunded - refundTarget(payment, order) * order.of;
        expect(rest >= 0n && rest < order.of).toBe(true);
      }),
    );
  });

  test("threat 17: orders sent twice, in any sequence, give back each payment once", () => {
    fc.assert(
      fc.property(
        shares,
        fc.array(amount, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (orders, payments, dice) => {
          const shuffled = [...orders, ...orders]
            .map((order) => ({ order, at: dice.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ order }) => order);
          const once = execute(payments, orders);
          expect(execute(payments, shuffled)).toEqual(once);
          once.forEach((given, index) => {
            expect(given <= (payments[index] ?? 0n)).toBe(true);
          });
        },
      ),
    );
  });

  test("treats all payments of a number alike, whichever came first", () => {
    fc.assert(
      fc.property(shares, fc.array(amount, { minLength: 2, maxLength: 5 }), (orders, payments) => {
        const forwards = execute(payments, orders);
        expect(execute([...payments].reverse(), orders)).toEqual(forwards.reverse());
      }),
    );
  });
});

describe("a refund order", () => {
  const crypto = nodeCrypto(() => {
    throw new Error("Signatures need no randomness.");
  });
  const signer = nodeSigner(new Uint8Array(32).fill(1));
  const id = (letter: string) => `${letter.repeat(21)}A`;
  const order = {
    iss: id("M"),
    aud: "https://tps.example",
    jti: id("O"),
    iat: 1_800_000_000,
    transactionNumber: id("T"),
    refunded: 5n,
    of: MOST,
    currency: "EUR",
    scale: 4,
  };

  test("says under the merchant's key what was ordered, to the unit", async () => {
    const document = await createRefundOrder(signer, order);
    expect(verifyRefundOrder(crypto, signer.publicKey, document)).toEqual({ v: 1, ...order });
    const other = nodeSigner(new Uint8Array(32).fill(2));
    expect(() => verifyRefundOrder(crypto, other.publicKey, document)).toThrow(
      expect.objectContaining({ code: "signing-key-unknown" }),
    );
  });

  test.each([0n, -1n, MOST + 1n])("over %s units of the price is not made", async (refunded) => {
    await expect(createRefundOrder(signer, { ...order, refunded })).rejects.toMatchObject({
      code: "malformed-message",
    });
  });
});
