/** What keeps an account from paying, and how the wallet hears that it is over. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refreshStatus, setTransactionCount } from "../src/cts/account.ts";
import { accountView } from "../src/cts/views.ts";
import {
  accountOf,
  createWorld,
  type Life,
  offered,
  PIN,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;
let accountKey: string;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  ({ accountKey } = await withAccount(world, life));
});
afterEach(() => world.stop());

const conditionNow = async () => (await refreshStatus(life.deps, accountKey)).condition;

async function buy(pin: string): Promise<void> {
  const purchase = await offered(world, life);
  await pay(life, purchase, pin);
  await reached(life, purchase, "complete");
}

describe("a hold", () => {
  test("that a status told is over when a status tells so, without a payment in between", async () => {
    world.tps.held = true;
    expect(await conditionNow()).toBe("held");
    const purchase = await offered(world, life);
    await expect(pay(life, purchase)).rejects.toMatchObject({ code: "account-held" });
    world.tps.held = false;
    expect(await conditionNow()).toBe("active");
    await pay(life, purchase);
    await reached(life, purchase, "complete");
  });

  test("does not make the wallet forget that the PIN was set anew meanwhile", async () => {
    await buy(PIN);
    // One call: a hold, a new PIN; later another that lifts it.
    world.tps.held = true;
    world.tps.setPin("271828");
    expect(await conditionNow()).toBe("held");
    world.tps.held = false;
    expect(await conditionNow()).toBe("pin-changed");
    await buy("271828");
    expect(await conditionNow()).toBe("active");
  });
});

describe("drift, with the count by hand", () => {
  const drift = async () => accountView(await accountOf(life)).drift;

  test("a count that is not right is said to be so, and corrected without another new PIN", async () => {
    world.tps.device.count = 3;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "out-of-sequence");
    await life.wallet.runner.idle();
    expect(await drift()).toEqual({ newPin: false, refusedCount: null });

    world.tps.setPin("271828");
    await refreshStatus(life.deps, accountKey);
    expect(await drift()).toEqual({ newPin: true, refusedCount: null });
    await setTransactionCount(life.deps, accountKey, 30);
    expect(await drift()).toBeNull();
    await pay(life, purchase, "271828");
    await reached(life, purchase, "quote-authenticated", "out-of-sequence");
    await life.wallet.runner.idle();
    expect(await drift()).toEqual({ newPin: true, refusedCount: 30 });
    expect(world.tps.payments).toBe(0);

    await setTransactionCount(life.deps, accountKey, 3);
    await pay(life, purchase, "271828");
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
  });

  test("threat 8: noticed again after a payment, it asks for another new PIN", async () => {
    world.tps.device.count = 3;
    const first = await offered(world, life);
    await pay(life, first);
    await reached(life, first, "quote-authenticated", "out-of-sequence");
    await life.wallet.runner.idle();
    world.tps.setPin("271828");
    await setTransactionCount(life.deps, accountKey, 3);
    await pay(life, first, "271828");
    await reached(life, first, "complete");

    world.tps.device.count = 9;
    const second = await offered(world, life);
    await pay(life, second, "271828");
    await reached(life, second, "quote-authenticated", "out-of-sequence");
    await life.wallet.runner.idle();
    expect(await drift()).toEqual({ newPin: false, refusedCount: null });
    await expect(setTransactionCount(life.deps, accountKey, 9)).rejects.toMatchObject({
      code: "new-pin-needed",
    });
  });
});
