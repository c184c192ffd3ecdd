/** A purchase in each of its states, as a backup has it, and back. */
import { parseValue } from "@chit/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { purchaseFromRecord, purchaseToRecord } from "../../src/cts/backup/convert.ts";
import { storedRecordSchema } from "../../src/cts/backup/records.ts";
import { PURCHASE_STATES } from "../../src/cts/purchase-state.ts";
import type { Purchase, PurchaseStateName } from "../../src/cts/records.ts";
import { offeredToPayer, somebodysPurchase } from "../support/somebody.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "../support/world.ts";

let world: World;
let life: Life;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

/** The last record of each state that was written since. */
function watch({ deps: { store } }: Life): Map<PurchaseStateName, Purchase> {
  const seen = new Map<PurchaseStateName, Purchase>();
  const { transact } = store;
  const watching: typeof transact = (change) =>
    transact((transaction) =>
      change({
        ...transaction,
        putPurchase(purchase) {
          seen.set(purchase.state, purchase);
          return transaction.putPurchase(purchase);
        },
      }),
    );
  Object.assign(store, { transact: watching });
  return seen;
}

test("a purchase in every state comes back as it was, but for what is of its device and its tab", async () => {
  const seen = watch(life);
  const complete = await offered(world, life);
  await pay(life, complete);
  await reached(life, complete, "complete");
  const paidFor = await offeredToPayer(world, life, (await somebodysPurchase(world)).link);
  await pay(life, paidFor);
  await reached(life, paidFor, "payer-complete");
  const shared = await offered(world, life);
  await life.wallet.letSomeonePay(shared.purchaseId, null);
  await reached(life, shared, "awaiting-payer");
  world.tps.denial = "insufficient-funds";
  const refused = await offeredToPayer(world, life, (await somebodysPurchase(world)).link);
  await pay(life, refused);
  await reached(life, refused, "payer-denied");
  const denied = await offered(world, life);
  await pay(life, denied);
  await reached(life, denied, "denied");
  const declined = await offered(world, life);
  await life.wallet.decline(declined.purchaseId);
  const expired = await offered(world, life);
  world.clock.now += 100_000;
  life.wallet.runner.poke(expired.purchaseId);
  await reached(life, expired, "failed");

  // Goods that are sent for pass through this state within one transaction.
  const requested = seen.get("goods-requested");
  if (requested?.state === "goods-requested")
    seen.set("advised", { ...requested, state: "advised" });
  // One that gets its goods again is complete in a backup: see redelivery.test.ts.
  const states = Object.keys(PURCHASE_STATES).filter((state) => state !== "recovering");
  expect([...seen.keys()].sort()).toEqual(states.sort());
  for (const [state, purchase] of seen) {
    const sent: unknown = JSON.parse(JSON.stringify(purchaseToRecord(purchase)));
    const record = parseValue(storedRecordSchema, sent);
    if (record.kind !== "purchase") throw new Error("not a purchase");
    const expected: Record<string, unknown> = { ...purchase, tabId: null, waiting: null };
    if ("wrongPin" in purchase) expected.wrongPin = null;
    if (purchase.state === "payment-requested" || purchase.state === "payer-requested") {
      const { body, requestHash, enc, responseSecret, sealingKeyId } = purchase.request;
      expected.request = { body, requestHash, enc, responseSecret, sealingKeyId };
    }
    expect(purchaseFromRecord(record), state).toEqual(expected);
  }
});

test("a record whose quote is another than its hash says is refused", async () => {
  const purchase = await offered(world, life);
  const other = await offered(world, life);
  const record = parseValue(
    storedRecordSchema,
    purchaseToRecord({ ...purchase, quote: other.quote }),
  );
  if (record.kind !== "purchase") throw new Error("not a purchase");
  expect(() => purchaseFromRecord(record)).toThrow(
    expect.objectContaining({ code: "transaction-mismatch" }),
  );
});
