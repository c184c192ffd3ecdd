/** Someone else pays, at the wallet of the initiator. */
import { createVerdict, decodeQuote, type PaymentOrder } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Purchase } from "../src/cts/records.ts";
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
  world.hold.pauses = true;
});
afterEach(() => world.stop());

/** An offer whose link is shared. */
async function shared() {
  const purchase = await offered(world, life);
  await life.wallet.letSomeonePay(purchase.purchaseId, null);
  return reached(life, purchase, "awaiting-payer", "awaiting-payer");
}

/** Somebody else pays: the proof as the TPS would sign it. */
async function proofFor(
  { quote, quoteHash, issuer }: Purchase,
  change: Partial<PaymentOrder> = {},
  signer = world.tps.signer,
): Promise<string> {
  const order = { ...decodeQuote(quote), quoteHash, issuer, ...change };
  return createVerdict(signer, "proof", order, world.tps.id(), world.clock.now);
}

const poke = ({ purchaseId }: Purchase) => life.wallet.runner.poke(purchaseId);
const sale = ({ quoteUrl }: Purchase) => world.mts.sale(quoteUrl);
const requests = () => world.tps.payments;

describe("letting somebody else pay", () => {
  test("needs no PIN and requests no payment; the link is that of the session", async () => {
    const purchase = await shared();
    const { payerUrl, transactionNumber } = decodeQuote(purchase.quote);
    expect(purchase.payLink).toMatch(
      new RegExp(`^${payerUrl}/[A-Za-z0-9_-]{22}$`.replace("?", "\\?")),
    );
    expect(purchase.payLink).toContain(transactionNumber);
    const quote = await fetch(`${purchase.payLink}/quote`);
    expect(new Uint8Array(await quote.arrayBuffer())).toEqual(purchase.quote);
    expect(requests()).toBe(0);
    expect(purchase.steps.map(({ step }) => step)).toEqual([2, 3, 4]);
  });

  test("brings the goods to the initiator once the shop tells of a payment", async () => {
    const purchase = await shared();
    sale(purchase).proofs.push(await proofFor(purchase));
    poke(purchase);
    const complete = await reached(life, purchase, "complete");
    expect(complete.payLink).toBe(purchase.payLink);
    const [item] = complete.advice.goods;
    const progress = await life.deps.goods.progress(purchase.purchaseId, item?.goodsId ?? "");
    expect(progress.verified).toBe(true);
    expect(requests()).toBe(0);
  });

  test("survives a restart, and goes on", async () => {
    const purchase = await shared();
    sale(purchase).proofs.push(await proofFor(purchase));
    world.hold.pauses = false;
    life = await world.start();
    expect((await reached(life, purchase, "complete")).payLink).toBe(purchase.payLink);
  });

  test("is possible with an account that cannot pay", async () => {
    world.tps.device.attempts = 5;
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "quote-authenticated", "pin-locked");
    await life.wallet.letSomeonePay(purchase.purchaseId, null);
    await reached(life, purchase, "awaiting-payer");
  });

  test("is not offered where the shop has no page for it", async () => {
    const url = world.mts.offer({ payerUrl: undefined as never });
    const purchase = await offered(world, life, url);
    await expect(life.wallet.letSomeonePay(purchase.purchaseId, null)).rejects.toMatchObject({
      code: "no-payer-link",
    });
    expect((await reached(life, purchase, "quoted")).state).toBe("quoted");
  });
});

describe("what the shop tells of a payment is believed", () => {
  const stays = async (purchase: Purchase, proof: string) => {
    sale(purchase).proofs.push(proof);
    poke(purchase);
    await reached(life, purchase, "awaiting-payer", "shop-answer-forged");
  };

  test("not when somebody else than the operator signed it", async () => {
    const purchase = await shared();
    await stays(purchase, await proofFor(purchase, {}, world.mts.signer));
  });

  test("not when it is for a smaller amount, another quote or another number", async () => {
    const purchase = await shared();
    await stays(purchase, await proofFor(purchase, { amount: 1n }));
    sale(purchase).proofs.length = 0;
    await stays(purchase, await proofFor(purchase, { quoteHash: new Uint8Array(32) }));
    sale(purchase).proofs.length = 0;
    await stays(purchase, await proofFor(purchase, { transactionNumber: world.tps.id() }));
  });
});

describe("how long the shop is asked", () => {
  test("with growing pauses, until a day after the quote expired; then nobody paid", async () => {
    const purchase = await shared();
    const { expiresAt } = decodeQuote(purchase.quote);
    const hour = 3_600;
    world.clock.now = expiresAt + 86_400 - hour;
    const before = world.mts.server.bodiesTo("/chit/recovery").length;
    world.hold.pauses = false;
    poke(purchase);
    const failed = await reached(life, purchase, "failed");
    expect(failed.failure.code).toBe("nobody-paid");
    expect(world.clock.now).toBeGreaterThan(expiresAt + 86_400);
    // Pauses of 1, 2, 4 … 300 seconds, and then of 300: about 20 in an hour.
    const asked = world.mts.server.bodiesTo("/chit/recovery").length - before;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(25);
  });

  test("a payment that comes after the quote expired still counts", async () => {
    const purchase = await shared();
    world.clock.now = decodeQuote(purchase.quote).expiresAt + 3_600;
    sale(purchase).proofs.push(await proofFor(purchase));
    poke(purchase);
    await reached(life, purchase, "complete");
  });

  test("a shop that is silent is asked again", async () => {
    const purchase = await shared();
    world.mts.server.fault = ({ path }) => (path === "/chit/recovery" ? "down" : undefined);
    poke(purchase);
    await reached(life, purchase, "awaiting-payer", "shop-unreachable");
    world.mts.server.fault = () => undefined;
    poke(purchase);
    await reached(life, purchase, "awaiting-payer", "awaiting-payer");
  });
});

describe("calling it off", () => {
  test("takes the link out of use at the shop before the purchase is declined", async () => {
    const purchase = await shared();
    await life.wallet.decline(purchase.purchaseId);
    const declined = await reached(life, purchase, "declined");
    expect(declined.calledOff).toBe(true);
    expect((await fetch(`${purchase.payLink}/quote`)).status).toBe(410);
  });

  test("does not happen when somebody has paid already: the goods come", async () => {
    const purchase = await shared();
    sale(purchase).proofs.push(await proofFor(purchase));
    await life.wallet.decline(purchase.purchaseId);
    await reached(life, purchase, "complete");
  });

  test("changes nothing while the shop does not answer", async () => {
    const purchase = await shared();
    world.mts.server.fault = ({ path }) => (path === "/chit/recovery" ? "down" : undefined);
    const { purchaseId } = purchase;
    await expect(life.wallet.decline(purchaseId)).rejects.toMatchObject({
      code: "shop-unreachable",
    });
    await expect(life.wallet.payMyself(purchaseId)).rejects.toMatchObject({
      code: "shop-unreachable",
    });
    await reached(life, purchase, "awaiting-payer");
  });

  test("to pay oneself, closes the link for good; then the PIN pays", async () => {
    const purchase = await shared();
    await life.wallet.payMyself(purchase.purchaseId);
    const back = await reached(life, purchase, "quote-authenticated", "pin-needed");
    expect("payLink" in back).toBe(false);
    expect((await fetch(`${purchase.payLink}/quote`)).status).toBe(410);
    await expect(life.wallet.letSomeonePay(purchase.purchaseId, null)).rejects.toMatchObject({
      code: "no-payer-link",
    });
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    expect(requests()).toBe(1);
  });
});

test("threat 1: killed again and again at later effects, a shared purchase goes on to the goods", async () => {
  const purchase = await shared();
  sale(purchase).proofs.push(await proofFor(purchase));
  world.hold.pauses = false;
  let kills = 0;
  for (let at = 1; ; at += 1) {
    life = await world.start({ at, when: at % 2 === 0 ? "before" : "after" });
    await Promise.race([life.wallet.runner.idle(), dead(life)]);
    if (life.alive()) break;
    kills += 1;
  }
  // Told of the payment, forwarded, goods: each life gets further than the one before.
  expect(kills).toBeGreaterThan(2);
  await reached(life, purchase, "complete");
  expect(requests()).toBe(0);
});

async function dead({ alive }: Life): Promise<void> {
  while (alive()) await new Promise((resolve) => setTimeout(resolve, 2));
}
