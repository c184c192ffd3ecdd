/** What the wallet forgets of the pages that were only looked at, and what it never forgets. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WALLET_LIMITS } from "../src/cts/limits.ts";
import type { Purchase } from "../src/cts/records.ts";
import { tidyOffers } from "../src/cts/tidy.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

const stateOf = async ({ purchaseId }: Purchase) =>
  (await life.deps.store.purchase(purchaseId))?.state;

describe("an offer that was never confirmed is forgotten after a day", () => {
  test("whether the shopper declined it, it failed, or nobody ever decided", async () => {
    const declined = await offered(world, life);
    await life.wallet.decline(declined.purchaseId);
    const failed = await offered(world, life);
    const ignored = await offered(world, life);
    world.clock.now += 1_000;
    life.wallet.runner.poke(failed.purchaseId);
    await reached(life, failed, "failed");

    world.clock.now += WALLET_LIMITS.unconfirmedSeconds - 1_000;
    await tidyOffers(life.deps);
    expect(await stateOf(declined)).toBe("declined");
    expect(await stateOf(failed)).toBe("failed");
    expect(await stateOf(ignored)).toBe("quoted");

    world.clock.now += 1;
    await tidyOffers(life.deps);
    expect(await life.deps.store.history(0, 10, () => true)).toEqual([]);
  });

  test("but not while its quote is good: what was declined is not offered anew", async () => {
    const { now } = world.clock;
    const url = world.mts.offer({ issuedAt: now + 200, expiresAt: now + 200 + 86_400 });
    const declined = await offered(world, life, url);
    await life.wallet.decline(declined.purchaseId);
    world.clock.now += WALLET_LIMITS.unconfirmedSeconds + 100;
    await tidyOffers(life.deps);
    expect(await stateOf(declined)).toBe("declined");
    world.clock.now += 101;
    await tidyOffers(life.deps);
    expect(await stateOf(declined)).toBeUndefined();
  });
});

describe("whatever was confirmed stays", () => {
  test("whether it was paid, failed at the shop, or was declined after all", async () => {
    const paid = await offered(world, life);
    await pay(life, paid);
    await reached(life, paid, "complete");

    const forgedUrl = world.mts.offer();
    const forged = await offered(world, life, forgedUrl);
    const sale = world.mts.sale(forgedUrl);
    Object.assign(sale, { body: Uint8Array.from(sale.body, (byte) => byte ^ 1) });
    await pay(life, forged);
    await reached(life, forged, "failed");

    const declined = await offered(world, life);
    await pay(life, declined, "000000");
    await reached(life, declined, "quote-authenticated", "wrong-pin");
    await life.wallet.decline(declined.purchaseId);

    world.clock.now += 10 * WALLET_LIMITS.unconfirmedSeconds;
    await tidyOffers(life.deps);
    expect(await stateOf(paid)).toBe("complete");
    expect(await stateOf(forged)).toBe("failed");
    expect(await stateOf(declined)).toBe("declined");
  });

  test("also when the shopper confirms while the wallet tidies", async () => {
    const offer = await offered(world, life);
    world.clock.now += 600;
    const { store, changed } = life.deps;
    await tidyOffers({
      // A clock that is far ahead of the one by which the purchase is confirmed in between.
      nowSeconds: () => world.clock.now + 2 * WALLET_LIMITS.unconfirmedSeconds,
      changed,
      store: {
        ...store,
        async transact(change) {
          await pay(life, offer);
          return store.transact(change);
        },
      },
    });
    await reached(life, offer, "complete");
  });
});
