import { LIMITS, PAYMENTS_PATH, utf8 } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Purchase } from "../src/cts/records.ts";
import { readGoods } from "../src/goods-copy.ts";
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
} from "./support/world.ts";

let world: World;
let life: Life;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

async function goodsOf({ purchaseId }: { purchaseId: string }): Promise<Uint8Array> {
  const copy = await readGoods(purchaseId, world.mts.goodsId);
  return new Uint8Array(await (copy as Blob).arrayBuffer());
}

describe("a purchase", () => {
  test("runs down the ladder to the goods, with one request to the TPS", async () => {
    const purchase = await offered(world, life);
    expect(purchase.shopName).toBe("Paper & Ink");
    await pay(life, purchase);
    const complete = await reached(life, purchase, "complete");
    expect(complete.steps.map(({ step }) => step)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await goodsOf(purchase)).toEqual(world.mts.goods);
    expect(world.tps.server.bodiesTo(PAYMENTS_PATH)).toHaveLength(1);
    expect(await accountOf(life)).toMatchObject({
      count: 1,
      balance: "865000",
      condition: "active",
      pendingPurchaseId: null,
    });
  });

  test("a second one pays with the advanced modifier", async () => {
    for (const count of [1, 2, 3]) {
      const purchase = await offered(world, life);
      await pay(life, purchase);
      await reached(life, purchase, "complete");
      expect((await accountOf(life)).count).toBe(count);
    }
    expect(world.tps.payments).toBe(3);
  });

  test("of several things tells its pages of each that comes", async () => {
    world.mts.moreGoodsIds = ["A".repeat(22), "B".repeat(21).concat("A")];
    const told: string[] = [];
    const changed = (purchase: Purchase | null) => void told.push(purchase?.state ?? "");
    Object.assign(life.deps, { changed });
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    // One that they are sent for, two that came; the third is told with the end.
    expect(told.filter((state) => state === "goods-requested")).toHaveLength(3);
  });

  test("of physical goods sends the address under the session and ends with delivery information", async () => {
    world.mts.delivery = { text: "The mug leaves tomorrow." };
    const url = world.mts.offer({ kind: "physical", addressRequired: true });
    const purchase = await offered(world, life, url);
    const address = { name: "A. Shopper", lines: ["Street 1"], city: "Berlin", country: "DE" };
    const { accountKey } = await accountOf(life);
    const { purchaseId } = purchase;
    await life.wallet.pay({ purchaseId, accountKey, pin: PIN, address, recognise: false });
    const complete = await reached(life, purchase, "complete");
    expect(complete.advice.delivery?.text).toBe("The mug leaves tomorrow.");
    expect(world.mts.sale(url).address).toEqual(address);
  });

  test("threat 7: two at once: the second waits its turn and none is lost", async () => {
    const purchases = await Promise.all([offered(world, life), offered(world, life)]);
    await Promise.all(purchases.map((purchase) => pay(life, purchase)));
    for (const purchase of purchases) await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(2);
    expect(world.tps.server.bodiesTo(PAYMENTS_PATH)).toHaveLength(2);
  });

  test("while one request has no answer, the next is not made", async () => {
    world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "down" : undefined);
    const first = await offered(world, life);
    const second = await offered(world, life);
    await pay(life, first);
    await reached(life, first, "payment-requested", "checking-payment");
    await pay(life, second);
    await reached(life, second, "quote-authenticated", "account-busy");
    world.tps.server.fault = () => undefined;
    await reached(life, first, "complete");
    await reached(life, second, "complete");
    expect(world.tps.payments).toBe(2);
  });

  test("a declined one that waits in line is not paid", async () => {
    world.hold.pauses = true;
    world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "down" : undefined);
    const first = await offered(world, life);
    const second = await offered(world, life);
    await pay(life, first);
    await reached(life, first, "payment-requested", "checking-payment");
    await pay(life, second);
    await reached(life, second, "quote-authenticated", "account-busy");
    await life.wallet.decline(second.purchaseId);
    world.tps.server.fault = () => undefined;
    life.wallet.runner.poke(first.purchaseId);
    await reached(life, first, "complete");
    await life.wallet.runner.idle();
    expect(world.tps.payments).toBe(1);
    expect((await life.deps.store.purchase(second.purchaseId))?.state).toBe("declined");
  });
});

describe("the payment's answer", () => {
  test("lost any number of times is recovered by the identical bytes, with one debit", async () => {
    let losses = 5;
    world.tps.server.fault = ({ path }) =>
      path === PAYMENTS_PATH && losses-- > 0 ? "lose" : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    const bodies = world.tps.server.bodiesTo(PAYMENTS_PATH);
    expect(bodies).toHaveLength(6);
    for (const body of bodies) expect(body).toEqual(bodies[0]);
    expect(world.tps.payments).toBe(1);
  });

  test("threat 10: that is forged is not believed: neither paid nor failed, asked again", async () => {
    world.hold.pauses = true;
    world.tps.server.fault = ({ path }) =>
      path === PAYMENTS_PATH
        ? utf8('{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","ciphertext":"AAAA"}')
        : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "payment-requested", "issuer-answer-forged");
    world.tps.server.fault = () => undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "complete");
  });

  test("threat 10: with a proof that the TPS did not sign is not believed, though the rest is genuine", async () => {
    world.hold.pauses = true;
    const genuine = world.tps.signer;
    // Whoever holds the response secret (a stolen disk) can make everything but the signature.
    const forger = seededBytes("forger");
    world.tps.signer = (await import("@chit/protocol/node")).nodeSigner(forger(32));
    const keyList = await (async () => {
      const forged = world.tps.signer;
      world.tps.signer = genuine;
      const list = await world.tps.keyList();
      world.tps.signer = forged;
      return list;
    })();
    world.tps.server.fault = ({ path }) => (path.endsWith("/keys") ? utf8(keyList) : undefined);
    const url = world.mts.offer();
    const purchase = await offered(world, life, url);
    await pay(life, purchase);
    await reached(life, purchase, "payment-requested", "issuer-answer-forged");
    expect((await accountOf(life)).count).toBe(0);
  });

  test("that is a denial advances modifier and count, and the shop is told", async () => {
    world.tps.denial = "insufficient-funds";
    const denied = await offered(world, life);
    await pay(life, denied);
    expect((await reached(life, denied, "denied")).reason).toBe("insufficient-funds");
    await life.wallet.runner.idle();
    expect(world.mts.denials).toBe(1);
    expect((await accountOf(life)).count).toBe(1);
    world.tps.denial = null;
    const next = await offered(world, life);
    await pay(life, next);
    await reached(life, next, "complete");
  });

  test("that says the key is unknown: the key list is fetched and the request made anew", async () => {
    await world.tps.rotateSealingKey(false);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
  });

  test("to a request under a retired key is still taken", async () => {
    world.hold.pauses = true;
    world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "lose" : undefined);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "payment-requested", "checking-payment");
    await world.tps.rotateSealingKey(true);
    world.tps.server.fault = () => undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
  });
});

describe("the PIN", () => {
  test("when wrong can be typed again, and nothing advances", async () => {
    const purchase = await offered(world, life);
    await pay(life, purchase, "271828");
    const open = await reached(life, purchase, "quote-authenticated", "wrong-pin");
    expect(open.wrongPin).toEqual({ attemptsLeft: 4 });
    expect((await accountOf(life)).count).toBe(0);
    await life.wallet.runner.idle();
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
  });

  test("when set anew by telephone resets the modifier and is asked for, not counted as wrong", async () => {
    const first = await offered(world, life);
    await pay(life, first);
    await reached(life, first, "complete");
    world.tps.setPin("271828");
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "pin-changed");
    expect(world.tps.device.attempts).toBe(0);
    expect(await accountOf(life)).toMatchObject({ condition: "pin-changed", pinGeneration: 2 });
    await life.wallet.runner.idle();
    await pay(life, purchase, "271828");
    await reached(life, purchase, "complete");
    expect((await accountOf(life)).condition).toBe("active");
  });

  test("set anew between request and answer: the answer does not touch the new modifier", async () => {
    world.hold.pauses = true;
    world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "lose" : undefined);
    const first = await offered(world, life);
    await pay(life, first);
    await reached(life, first, "payment-requested", "checking-payment");
    world.tps.setPin("271828");
    const { refreshStatus } = await import("../src/cts/account.ts");
    await refreshStatus(life.deps, (await accountOf(life)).accountKey);
    world.tps.server.fault = () => undefined;
    life.wallet.runner.poke(first.purchaseId);
    await reached(life, first, "complete");
    const second = await offered(world, life);
    await pay(life, second, "271828");
    await reached(life, second, "complete");
    expect(world.tps.payments).toBe(2);
  });

  test("locked by the fifth wrong one: the account says so and the purchase stays open", async () => {
    world.tps.device.attempts = 4;
    const purchase = await offered(world, life);
    await pay(life, purchase, "271828");
    await reached(life, purchase, "quote-authenticated", "pin-locked");
    expect((await accountOf(life)).condition).toBe("pin-locked");
    await life.wallet.runner.idle();
    await expect(pay(life, purchase)).rejects.toMatchObject({ code: "pin-locked" });
    world.tps.setPin("271828");
    await pay(life, purchase, "271828");
    await reached(life, purchase, "complete");
  });
});

describe("drift", () => {
  test("is said plainly, repaired only by count and new PIN from the telephone", async () => {
    // A copy of the disk was used elsewhere.
    world.tps.device.count = 3;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "out-of-sequence");
    await life.wallet.runner.idle();
    const { accountKey, condition } = await accountOf(life);
    expect(condition).toBe("out-of-sequence");
    const { setTransactionCount } = await import("../src/cts/account.ts");
    await expect(setTransactionCount(life.deps, accountKey, 3)).rejects.toMatchObject({
      code: "new-pin-needed",
    });
    await expect(pay(life, purchase)).rejects.toMatchObject({ code: "out-of-sequence" });
    world.tps.setPin("271828");
    await setTransactionCount(life.deps, accountKey, 3);
    await pay(life, purchase, "271828");
    await reached(life, purchase, "complete");
    expect(world.tps.payments).toBe(1);
  });

  test("a revoked device and one that the TPS does not know are told apart", async () => {
    world.tps.device.key = seededBytes("other")(32);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "device-unknown");
    await life.wallet.runner.idle();
    world.tps.device.key = (await accountOf(life)).deviceKey as Uint8Array<ArrayBuffer>;
    world.tps.device.revoked = true;
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "device-revoked");
    expect((await accountOf(life)).condition).toBe("device-revoked");
  });
});

describe("the shop", () => {
  test("that cannot authenticate the quote gets no payment", async () => {
    const url = world.mts.offer();
    const purchase = await offered(world, life, url);
    // It agreed to another quote than the one that it showed.
    const sale = world.mts.sale(url);
    Object.assign(sale, { body: Uint8Array.from(sale.body, (byte) => byte ^ 1) });
    await pay(life, purchase);
    expect((await reached(life, purchase, "failed")).failure.code).toBe("shop-answer-forged");
    expect(world.tps.server.bodiesTo(PAYMENTS_PATH)).toHaveLength(0);
  });

  test("that is silent after the payment: paid is never lost, and the shopper can resume", async () => {
    world.hold.pauses = true;
    world.mts.server.fault = ({ path }) => (path === "/chit/proof" ? "down" : undefined);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "paid", "waiting-for-shop");
    world.mts.server.fault = ({ path }) =>
      path === "/chit/proof" ? { problem: "proof-invalid" } : undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "paid", "shop-refused");
    world.mts.server.fault = () => undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "complete");
  });

  test("whose advice does not verify is asked again", async () => {
    world.hold.pauses = true;
    world.mts.server.fault = ({ path }) =>
      path === "/chit/proof"
        ? utf8(`{"v":1,"type":"shipping-advice","advice":"e30","mac":"${"A".repeat(43)}"}`)
        : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "paid", "shop-answer-forged");
    world.mts.server.fault = () => undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "complete");
  });

  test("that does not know the TPS's key yet gets the key list with the proof", async () => {
    let asked = 0;
    world.mts.server.fault = ({ path, body }) => {
      if (path !== "/chit/proof") return undefined;
      asked += 1;
      return Buffer.from(body).includes("keyList") ? undefined : { problem: "signing-key-unknown" };
    };
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    expect(asked).toBe(2);
  });

  test("whose goods have another digest: nothing is kept, and after some tries it waits for the shopper", async () => {
    world.mts.otherGoods = seededBytes("other")(world.mts.goods.length);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    const waiting = await reached(life, purchase, "goods-requested", "goods-damaged");
    await life.wallet.runner.idle();
    expect((await life.deps.store.purchase(waiting.purchaseId))?.waiting).toMatchObject({
      tries: 3,
      retryAt: null,
    });
    expect(await readGoods(purchase.purchaseId, world.mts.goodsId)).toBeNull();
    // Nor does an alarm load them again.
    const loads = world.mts.server.bodiesTo("/chit/goods").length;
    await life.wallet.runner.resumeAll();
    await life.wallet.runner.idle();
    expect(world.mts.server.bodiesTo("/chit/goods")).toHaveLength(loads);
    world.mts.otherGoods = null;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "complete");
    expect(await goodsOf(purchase)).toEqual(world.mts.goods);
  });

  test("whose delivery breaks off goes on behind what is here", async () => {
    world.mts.goods = new Uint8Array(40 * LIMITS.goodsChunkBytes + 5).map(
      (_, index) => index % 251,
    );
    let breaks = 2;
    world.mts.server.fault = (request) => {
      if (request.path !== "/chit/goods" || breaks-- <= 0) return undefined;
      return broken(request.body);
    };
    const { decodeSendGoods, encryptGoods } = await import("@chit/protocol");
    const { nodeGoodsCipher } = await import("@chit/protocol/node");
    async function* broken(body: Uint8Array) {
      const asked = decodeSendGoods(body);
      const sale = world.mts.sale(`/${asked.transactionNumber}`);
      const key = sale.session?.key;
      if (key === undefined) throw new Error("No session.");
      const from = asked.firstChunk * LIMITS.goodsChunkBytes;
      const rest = world.mts.goods.subarray(from);
      const salt = seededBytes(`salt ${breaks}`)(32);
      let pieces = 0;
      for await (const piece of encryptGoods(
        nodeGoodsCipher,
        key,
        asked,
        [rest],
        asked.firstChunk,
        salt,
      )) {
        if (pieces++ > 18) throw new Error("The cable was pulled.");
        yield piece;
      }
    }
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    expect(await goodsOf(purchase)).toEqual(world.mts.goods);
    const asked = world.mts.server.bodiesTo("/chit/goods").map((body) => decodeSendGoods(body));
    expect(asked.map(({ firstChunk }) => firstChunk > 0)).toEqual([false, true, true]);
  });
});
