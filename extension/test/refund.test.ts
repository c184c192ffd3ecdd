/** Money back: what the shop is asked, what it says, and what the account's TPS tells. */
import { decodeProof, toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refundView, returnNotices } from "../src/cts/refund-view.ts";
import { seeReturns } from "../src/cts/returns.ts";
import { backUp, bought, newComputer, restoreInto } from "./support/backup.ts";
import {
  accountOf,
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

const RECOVERY = "/chit/recovery";
const ALL = { reason: "damaged", text: "Page 12 is missing.", amount: null } as const;

let world: World;
let life: Life;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

const requests = () => world.mts.server.bodiesTo(RECOVERY).map(toBase64url);

async function viewOf(of: { purchaseId: string }, from = life) {
  const purchase = await from.deps.store.purchase(of.purchaseId);
  if (purchase === undefined) throw new Error("The purchase is gone.");
  const view = await refundView(from.deps, purchase);
  if (view === null) throw new Error("Nothing was paid.");
  return view;
}

async function asked(
  of: { purchaseId: string },
  wish: Parameters<Life["wallet"]["refunds"]["ask"]>[1] = ALL,
) {
  await life.wallet.refunds.ask(of.purchaseId, wish);
  await life.wallet.refunds.idle();
  return viewOf(of);
}

/** The TPS gives back so much of the payment. */
function giveBack(of: { proof: string }, amount: bigint): void {
  const { jti: paymentId, merchantId, transactionNumber } = decodeProof(of.proof);
  const at = world.clock.now;
  world.tps.balance += amount;
  world.tps.movements.push(
    { kind: "funding", at, amount: 1n, balanceAfter: 1n, reference: "wages" },
    {
      kind: "refund",
      at,
      amount,
      balanceAfter: world.tps.balance,
      paymentId,
      orderId: world.tps.id(),
      merchantId,
      transactionNumber,
    },
  );
}

/** Later: pages that are looked at ask again. */
async function refreshed(of: { purchaseId: string }) {
  world.clock.now += 10;
  await life.wallet.refunds.refresh(of.purchaseId);
  return viewOf(of);
}

describe("a refund", () => {
  test("is asked for with reason, words and token, and told as the shop decides it", async () => {
    const purchase = await bought(world, life);
    expect(await viewOf(purchase)).toMatchObject({ askable: true, left: "135000", asked: null });
    expect(await asked(purchase)).toMatchObject({
      askable: false,
      decision: "asked",
      asked: { reason: "damaged", text: "Page 12 is missing.", amount: null },
      unanswered: false,
      open: true,
    });
    const { token } = purchase.session.key;
    expect(world.mts.refunds.asked).toMatchObject([{ ...ALL, token }]);
    world.mts.refunds.state = {
      decision: "refused",
      accepted: 0n,
      given: 0n,
      message: "It was read to its end.",
      at: world.clock.now,
    };
    expect(await refreshed(purchase)).toMatchObject({
      decision: "refused",
      message: "It was read to its end.",
      askable: true,
      open: false,
    });
  });

  test("in parts: each wish is for what was accepted before and the new part; never more than was paid", async () => {
    const purchase = await bought(world, life);
    world.mts.refunds.state = {
      ...world.mts.refunds.state,
      decision: "accepted",
      accepted: 35_000n,
    };
    expect(await asked(purchase, { ...ALL, amount: 35_000n })).toMatchObject({ left: "100000" });
    await asked(purchase, { ...ALL, amount: 50_000n });
    expect(world.mts.refunds.asked.map(({ amount }) => amount)).toEqual([35_000n, 85_000n]);
    const { ask } = life.wallet.refunds;
    await expect(ask(purchase.purchaseId, { ...ALL, amount: 100_001n })).rejects.toMatchObject({
      code: "refund-amount",
    });
  });

  test("is back when the TPS tells it, found by the proof's name, page by page, and told once", async () => {
    const [other, purchase] = [await bought(world, life), await bought(world, life)];
    await asked(purchase);
    world.mts.refunds.state = {
      ...world.mts.refunds.state,
      decision: "accepted",
      accepted: 135_000n,
    };
    expect(await refreshed(purchase)).toMatchObject({ full: true, open: true, returnedTotal: "0" });
    giveBack(purchase, 35_000n);
    giveBack(purchase, 100_000n);
    world.mts.refunds.state = { ...world.mts.refunds.state, given: 135_000n };
    const view = await refreshed(purchase);
    expect(view).toMatchObject({
      full: true,
      open: false,
      askable: false,
      returnedTotal: "135000",
    });
    expect(view.returned.map(({ amount }) => amount)).toEqual(["35000", "100000"]);
    expect((await refreshed(purchase)).returned).toHaveLength(2);
    expect((await viewOf(other)).returned).toEqual([]);
    expect((await accountOf(life)).balance).toBe(world.tps.balance.toString());
  });

  test("is not back because an operator says so that was never paid", async () => {
    const purchase = await bought(world, life);
    const other = { accountKey: world.tps.id(), issuer: "https://other.example" };
    const { jti: paymentId } = decodeProof(purchase.proof);
    const [account] = await life.deps.store.accounts();
    if (account === undefined) throw new Error("No account.");
    await life.deps.store.transact(async (transaction) => {
      await transaction.putAccount({ ...account, ...other });
      const orderId = world.tps.id();
      const { accountKey } = other;
      const at = world.clock.now;
      const told = { paymentId, orderId, accountKey, amount: "135000", at, seen: false };
      await transaction.putReturn(told);
    });
    expect(await viewOf(purchase)).toMatchObject({
      returned: [],
      returnedTotal: "0",
      full: false,
      askable: true,
      left: "135000",
    });
    expect(await returnNotices(life.deps)).toMatchObject([{ purchase: null }]);
  });

  test("that the shop began is told with the purchase until it was looked at", async () => {
    const purchase = await bought(world, life);
    giveBack(purchase, 35_000n);
    await refreshed(purchase);
    const notices = await returnNotices(life.deps);
    const { purchaseId, shopName } = purchase;
    expect(notices).toMatchObject([
      { amount: "35000", currency: "EUR", purchase: { purchaseId, shopName } },
    ]);
    await seeReturns(life.deps, notices);
    expect(await returnNotices(life.deps)).toEqual([]);
    expect(await viewOf(purchase)).toMatchObject({ returnedTotal: "35000", left: "100000" });
  });

  test("of what somebody else paid ends with the operator's word: the money is on another account", async () => {
    const purchase = await bought(world, life);
    const payLink = `${world.mts.server.origin}/chit/pay/x`;
    await life.deps.store.transact((change) => change.putPurchase({ ...purchase, payLink }));
    world.mts.refunds.state = {
      ...world.mts.refunds.state,
      decision: "accepted",
      accepted: 135_000n,
      given: 135_000n,
    };
    expect(await asked(purchase)).toMatchObject({ full: true, open: false, returnedTotal: "0" });
  });

  test("of a payment that this wallet does not know is told all the same", async () => {
    const purchase = await bought(world, life);
    giveBack(purchase, 35_000n);
    await life.deps.store.transact((change) => change.removePurchase(purchase.purchaseId));
    const another = await bought(world, life);
    await refreshed(another);
    expect(await returnNotices(life.deps)).toMatchObject([{ amount: "35000", purchase: null }]);
  });
});

describe("a request for money", () => {
  test("is sent in its identical bytes until it is answered, and asks for nothing twice", async () => {
    const purchase = await bought(world, life);
    let lost = 3;
    world.mts.server.fault = ({ path }) => (path === RECOVERY && lost-- > 0 ? "lose" : undefined);
    expect(await asked(purchase)).toMatchObject({ decision: "asked", failure: null });
    expect(requests()).toHaveLength(4);
    expect(new Set(requests()).size).toBe(1);
    expect(world.mts.refunds.asked).toHaveLength(1);
  });

  test("goes on after a kill, whether the shop had it or not", async () => {
    for (const fault of ["down", "lose"] as const) {
      const purchase = await bought(world, life);
      const before = requests().length;
      world.hold.pauses = true;
      world.mts.server.fault = ({ path }) => (path === RECOVERY ? fault : undefined);
      await life.wallet.refunds.ask(purchase.purchaseId, ALL);
      await expect.poll(() => requests().length).toBe(before + 1);
      world.mts.server.fault = () => undefined;
      world.hold.pauses = false;
      life = await world.start();
      await life.wallet.refunds.idle();
      expect(await viewOf(purchase)).toMatchObject({ unanswered: false, decision: "asked" });
      expect(new Set(requests().slice(before)).size).toBe(1);
    }
    expect(world.mts.refunds.asked).toHaveLength(2);
  });

  test("can be made when the goods never came; a full refund ends the waiting for them", async () => {
    world.mts.server.fault = ({ path }) =>
      path === "/chit/goods" ? { problem: "goods-unavailable" } : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "goods-requested", "waiting-for-goods");
    world.mts.refunds.state = {
      ...world.mts.refunds.state,
      decision: "accepted",
      accepted: 135_000n,
    };
    await asked(purchase, { ...ALL, reason: "not-received" });
    await life.wallet.runner.idle();
    expect(await life.deps.store.purchase(purchase.purchaseId)).toMatchObject({
      state: "goods-requested",
      waiting: null,
    });
  });

  test("is not needed where the shop says, under the session, that all was given back: nothing is waited for", async () => {
    world.mts.server.fault = ({ path }) =>
      path === "/chit/goods" ? { problem: "refunded" } : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    // Said by whoever answers: it is no reason to give up.
    await reached(life, purchase, "goods-requested", "shop-refused");
    world.mts.refunds.state = {
      ...world.mts.refunds.state,
      decision: "accepted",
      accepted: 135_000n,
    };
    life.wallet.runner.poke(purchase.purchaseId);
    await life.wallet.runner.idle();
    const current = await life.deps.store.purchase(purchase.purchaseId);
    expect(current).toMatchObject({ state: "goods-requested", waiting: null });
    expect(await viewOf(purchase)).toMatchObject({ full: true });
  });

  test("waits until the shop has the proof", async () => {
    let refusing = true;
    world.mts.server.fault = ({ path }) =>
      path === "/chit/proof" && refusing ? { problem: "unavailable" } : undefined;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "paid", "waiting-for-shop");
    await life.wallet.refunds.ask(purchase.purchaseId, ALL);
    await expect.poll(() => requests().length).toBeGreaterThan(1);
    refusing = false;
    await life.wallet.refunds.idle();
    expect(await viewOf(purchase)).toMatchObject({ decision: "asked", failure: null });
  });

  test.each([
    ["refused", "refund-refused", { answer: "refused", reason: "not-offered" }],
    ["too often", "refund-too-often", { answer: "refused", reason: "too-often" }],
  ] as const)(
    "that the shop does not take (%s) says so and can be made again",
    async (_, code, instead) => {
      const purchase = await bought(world, life);
      world.mts.refunds.instead = instead;
      expect(await asked(purchase)).toMatchObject({
        failure: { code },
        askable: true,
        unanswered: false,
      });
      world.mts.refunds.instead = null;
      expect(await asked(purchase)).toMatchObject({ decision: "asked", failure: null });
    },
  );

  test("that is answered with another amount, or another answer, is not answered", async () => {
    const purchase = await bought(world, life);
    world.hold.pauses = true;
    for (const instead of [
      { ...world.mts.refunds.answer(1n), decision: "accepted", accepted: 1n },
      { answer: "payment", proof: null },
    ] as const) {
      world.mts.refunds.instead = instead;
      const before = requests().length;
      if (before === 0) await life.wallet.refunds.ask(purchase.purchaseId, ALL);
      else await life.wallet.refunds.refresh(purchase.purchaseId);
      await expect
        .poll(async () => [requests().length > before, (await viewOf(purchase)).failure?.code])
        .toEqual([true, "shop-answer-forged"]);
      expect(await viewOf(purchase)).toMatchObject({ unanswered: true, accepted: "0" });
    }
  });

  test("is made neither of what was not paid, nor twice at once", async () => {
    const { ask } = life.wallet.refunds;
    const open = await offered(world, life);
    await expect(ask(open.purchaseId, ALL)).rejects.toMatchObject({ code: "wrong-state" });
    const purchase = await bought(world, life);
    await asked(purchase);
    await expect(ask(purchase.purchaseId, ALL)).rejects.toMatchObject({ code: "wrong-state" });
  });
});

test("a restored wallet knows what was asked, asks the shop how it stands, and the TPS once it is connected", async () => {
  const purchase = await bought(world, life);
  await asked(purchase);
  giveBack(purchase, 135_000n);
  world.mts.refunds.state = {
    ...world.mts.refunds.state,
    decision: "accepted",
    accepted: 135_000n,
    given: 135_000n,
  };
  const file = await backUp(life);
  life = await newComputer(world);
  await restoreInto(life, file);
  expect(await viewOf(purchase)).toMatchObject({ asked: { reason: "damaged" }, decision: "none" });
  expect(await refreshed(purchase)).toMatchObject({ decision: "accepted", returnedTotal: "0" });
});

test("goods are not got again when the shop says that the money went back", async () => {
  const purchase = await bought(world, life);
  await life.deps.goods.remove(purchase.purchaseId, world.mts.goodsId);
  world.mts.refusal = "refunded";
  await life.wallet.getAgain(purchase.purchaseId);
  await life.wallet.runner.idle();
  const current = await life.deps.store.purchase(purchase.purchaseId);
  expect(current).toMatchObject({ state: "complete", notAgain: { code: "refunded" } });
});
