/** Purchases of a real wallet, restored into another one or over the same, against real servers. */
import {
  decodeQuote,
  INITIAL_MODIFIER,
  modifyPin,
  PAYMENTS_PATH,
  toBase64url,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unconnectedAccounts } from "../../src/cts/former-accounts.ts";
import { backUp, bought, newComputer, restoreInto, underWay } from "../support/backup.ts";
import {
  accountOf,
  createWorld,
  type Life,
  offered,
  PIN,
  pay,
  reached,
  seededBytes,
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

const mend = () => {
  world.hold.pauses = false;
  world.tps.server.fault = () => undefined;
};

test("what is settled, declined and offered is there again, session segments and token with it", async () => {
  const complete = await bought(world, life);
  const declined = await offered(world, life);
  await life.wallet.decline(declined.purchaseId);
  const offer = await offered(world, life);
  const before = new Map(
    await Promise.all(
      (await life.deps.store.purchaseIds()).map(
        async (id) => [id, await life.deps.store.purchase(id)] as const,
      ),
    ),
  );
  const file = await backUp(life);
  const next = await newComputer(world);
  expect(await restoreInto(next, file)).toMatchObject({ purchases: 3, accounts: 1 });
  for (const [id, purchase] of before) {
    expect(await next.deps.store.purchase(id)).toEqual({ ...purchase, tabId: null, waiting: null });
  }
  expect(before.size).toBe(3);
  expect(complete.session.key.token).toHaveLength(32);
  expect(offer.state).toBe("quoted");
});

test("what was paid and not delivered is delivered to the new computer, without any account", async () => {
  world.hold.pauses = true;
  world.mts.server.fault = ({ path }) => (path.includes("proof") ? "lose" : undefined);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  await reached(life, purchase, "paid", "waiting-for-shop");
  const file = await backUp(life);
  const next = await newComputer(world);
  world.mts.server.fault = () => undefined;
  mend();
  await restoreInto(next, file);
  const complete = await reached(next, purchase, "complete");
  expect(await next.deps.store.accounts()).toEqual([]);
  const [item] = complete.advice.goods;
  const progress = await next.deps.goods.progress(purchase.purchaseId, item?.goodsId ?? "");
  expect(progress.verified).toBe(true);
  expect(world.tps.payments).toBe(1);
});

test("a payment under way goes on with the identical bytes: one debit, and the goods come", async () => {
  const purchase = await underWay(world, life);
  const file = await backUp(life);
  const next = await newComputer(world);
  mend();
  await restoreInto(next, file);
  await reached(next, purchase, "complete");
  const bodies = world.tps.server.bodiesTo(PAYMENTS_PATH).map(toBase64url);
  expect(bodies.length).toBeGreaterThanOrEqual(2);
  expect(new Set(bodies).size).toBe(1);
  expect(world.tps.payments).toBe(1);
});

test("a payment under way that never reached the TPS is paid once, though both computers send it", async () => {
  world.hold.pauses = true;
  world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "down" : undefined);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  await reached(life, purchase, "payment-requested");
  const file = await backUp(life);
  mend();
  life.wallet.runner.poke(purchase.purchaseId);
  await reached(life, purchase, "complete");
  const next = await newComputer(world);
  await restoreInto(next, file);
  await reached(next, purchase, "complete");
  expect(world.tps.payments).toBe(1);
});

test("an operator's key that is newer than the backup is taken, under the root that the backup pins", async () => {
  const purchase = await underWay(world, life);
  const file = await backUp(life);
  const next = await newComputer(world);
  world.tps.signer = nodeSigner(seededBytes("next signer")(32));
  world.tps.sequence += 1;
  // Nothing reached the TPS yet: it signs with the new key.
  world.tps.device.last = null;
  world.tps.device.count = 0;
  world.tps.device.modifiedPin = modifyPin(PIN, INITIAL_MODIFIER);
  mend();
  await restoreInto(next, file);
  await reached(next, purchase, "complete");
  const [former] = await next.deps.store.formerAccounts();
  expect(former?.keyListSequence).toBe(2);
});

test("where the TPS has gone on, the shopper is told that only the telephone knows, and nothing is asked again", async () => {
  const purchase = await underWay(world, life);
  const file = await backUp(life);
  mend();
  life.wallet.runner.poke(purchase.purchaseId);
  await reached(life, purchase, "complete");
  await bought(world, life);
  const next = await newComputer(world);
  await restoreInto(next, file);
  const unknown = await reached(next, purchase, "payment-requested", "payment-unknown");
  expect(unknown.waiting?.retryAt).toBeNull();
  await next.wallet.runner.idle();
  const asked = world.tps.server.bodiesTo(PAYMENTS_PATH).length;
  await next.wallet.runner.resumeAll();
  await next.wallet.runner.idle();
  expect(world.tps.server.bodiesTo(PAYMENTS_PATH)).toHaveLength(asked);
  expect(world.tps.payments).toBe(2);
  expect(unknown.session.key.token).toHaveLength(32);
});

test("an offer that was begun and not paid: the shopper is asked whether the other computer has paid since, and no expiry says that nothing was paid", async () => {
  const purchase = await offered(world, life);
  world.hold.pauses = true;
  world.mts.server.fault = ({ path }) => (path.includes("session") ? "lose" : undefined);
  await pay(life, purchase);
  await reached(life, purchase, "session-initiated", "shop-unreachable");
  const file = await backUp(life);
  const next = await newComputer(world);
  world.mts.server.fault = () => undefined;
  mend();
  await restoreInto(next, file);
  const authenticated = await reached(next, purchase, "quote-authenticated", "restored-unpaid");
  world.clock.now = decodeQuote(authenticated.quote).expiresAt + 1;
  await next.wallet.runner.resumeAll();
  const { failure } = await reached(next, purchase, "failed");
  expect(failure.code).toBe("restored-expired");
  expect(world.tps.payments).toBe(0);
});

test("an offer that the old computer began is paid by the new one's own device, once that is connected", async () => {
  const purchase = await offered(world, life);
  world.hold.pauses = true;
  world.mts.server.fault = ({ path }) => (path.includes("session") ? "lose" : undefined);
  await pay(life, purchase);
  await reached(life, purchase, "session-initiated", "shop-unreachable");
  const file = await backUp(life);
  const next = await newComputer(world);
  world.mts.server.fault = () => undefined;
  mend();
  await restoreInto(next, file);
  await reached(next, purchase, "quote-authenticated", "restored-unpaid");
  // The TPS of the tests knows one device at a time.
  const fresh = {
    deviceId: world.tps.id(),
    key: new Uint8Array(),
    modifiedPin: null,
    generation: 0,
  };
  Object.assign(world.tps.device, fresh);
  const connected = await withAccount(world, next);
  expect(await unconnectedAccounts(next.deps)).toEqual([]);
  await pay(next, purchase);
  const complete = await reached(next, purchase, "complete");
  expect(complete.accountKey).toBe(connected.accountKey);
  expect((await accountOf(next)).count).toBe(1);
});

test("threat 8: an old backup restored over the living wallet leaves its account as it is", async () => {
  await bought(world, life);
  const file = await backUp(life);
  const later = await bought(world, life);
  const before = await accountOf(life);
  expect(await restoreInto(life, file)).toEqual({
    purchases: 0,
    accounts: 0,
    addresses: 0,
    goods: 0,
  });
  expect(await life.deps.store.accounts()).toEqual([before]);
  expect(await life.deps.store.formerAccounts()).toEqual([]);
  expect(await unconnectedAccounts(life.deps)).toEqual([]);
  expect(await life.deps.store.purchase(later.purchaseId)).toEqual(later);
  await bought(world, life);
  expect(world.tps.payments).toBe(3);
});

test("a request under way is not touched by a backup of the same wallet", async () => {
  const purchase = await underWay(world, life);
  const file = await backUp(life);
  await restoreInto(life, file);
  expect((await accountOf(life)).pendingPurchaseId).toBe(purchase.purchaseId);
  expect("count" in (await reached(life, purchase, "payment-requested")).request).toBe(true);
  mend();
  life.wallet.runner.poke(purchase.purchaseId);
  await reached(life, purchase, "complete");
  expect((await accountOf(life)).count).toBe(1);
});

test("restoring may be broken off and repeated; nothing is there twice", async () => {
  for (let index = 0; index < 3; index++) await bought(world, life);
  const file = await backUp(life, true);
  const next = await newComputer(world);
  await expect(restoreInto(next, file, 0)).rejects.toThrow("the tab was closed");
  expect(await next.deps.store.purchaseIds()).toEqual([]);
  const first = await restoreInto(next, file);
  expect(first).toEqual({ purchases: 3, accounts: 1, addresses: 0, goods: 3 });
  expect(await restoreInto(next, file)).toEqual({
    purchases: 0,
    accounts: 0,
    addresses: 0,
    goods: 0,
  });
  expect(await next.deps.store.purchaseIds()).toHaveLength(3);
});
