/** Someone else pays, at the wallet of whoever pays: somebody's quote is paid, the proof forwarded, and that is all. */
import { LIMITS, PAYMENTS_PATH, payerQuoteUrl, toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { offeredToPayer, somebodysPurchase } from "./support/somebody.ts";
import { createWorld, type Life, pay, reached, type World, withAccount } from "./support/world.ts";

let world: World;
let life: Life;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
  world.hold.pauses = true;
});
afterEach(() => world.stop());

const somebodys = (change: Parameters<typeof somebodysPurchase>[1] = {}) =>
  somebodysPurchase(world, change);
const offeredTo = (link: string) => offeredToPayer(world, life, link);

const paths = () => new Set(world.mts.server.received.map(({ path }) => path));
const everything = async (purchaseId: string) =>
  JSON.stringify(await life.deps.store.purchase(purchaseId));

describe("paying for somebody else", () => {
  test("pays what the quote says, forwards the proof, and asks the shop for nothing else", async () => {
    const { quoteUrl, link } = await somebodys({ kind: "mixed", addressRequired: true });
    const sessions = world.mts.server.bodiesTo("/chit/session").length;
    const purchase = await offeredTo(link);
    expect(purchase).toMatchObject({ state: "payer-quoted", role: "payer" });
    await pay(life, purchase);
    const complete = await reached(life, purchase, "payer-complete");
    expect(complete.payment).toBe("first");
    expect(world.tps.payments).toBe(1);
    expect(world.mts.sale(quoteUrl).proofs).toEqual([complete.proof]);
    expect(world.mts.server.bodiesTo("/chit/session")).toHaveLength(sessions);
    expect([...paths()].filter((path) => /goods|recovery|advice/.test(path))).toEqual([]);
  });

  test("keeps no session, token, address or goods, before, while and after", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    await pay(life, purchase);
    await reached(life, purchase, "payer-complete");
    const record = await everything(purchase.purchaseId);
    for (const field of ["session", "token", 'address"', "advice", "payLink"]) {
      expect(record).not.toContain(`"${field.replace('"', "")}":`);
    }
    // What it sent to the shop carries no MAC that asks for the advice.
    const [forwarded] = world.mts.server.bodiesTo("/chit/proof");
    expect(Object.keys(JSON.parse(Buffer.from(forwarded ?? []).toString()) as object)).toEqual([
      "v",
      "type",
      "proof",
    ]);
  });

  test("a lost receipt is asked for with the identical proof", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    world.mts.server.fault = ({ path }) => (path === "/chit/proof" ? "lose" : undefined);
    await pay(life, purchase);
    await reached(life, purchase, "payer-paid", "waiting-for-shop");
    world.mts.server.fault = () => undefined;
    world.hold.pauses = false;
    life = await world.start();
    await reached(life, purchase, "payer-complete");
    const bodies = world.mts.server.bodiesTo("/chit/proof").map(toBase64url);
    expect(bodies.length).toBeGreaterThan(1);
    expect(new Set(bodies).size).toBe(1);
    expect(world.tps.payments).toBe(1);
  });

  test("threat 1: a payer's wallet that is killed sends the identical request", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "lose" : undefined);
    await pay(life, purchase);
    await reached(life, purchase, "payer-requested", "checking-payment");
    world.tps.server.fault = () => undefined;
    world.hold.pauses = false;
    life = await world.start();
    await reached(life, purchase, "payer-complete");
    expect(new Set(world.tps.server.bodiesTo(PAYMENTS_PATH).map(toBase64url)).size).toBe(1);
    expect(world.tps.payments).toBe(1);
  });

  test("after a wrong PIN the next one pays", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    await pay(life, purchase, "271828");
    const back = await reached(life, purchase, "payer-confirmed", "wrong-pin");
    expect(back.wrongPin).toEqual({ attemptsLeft: 4 });
    await pay(life, purchase);
    await reached(life, purchase, "payer-complete");
  });

  test("a denial is forwarded, and the link stays open for others", async () => {
    const { link } = await somebodys();
    world.tps.balance = 0n;
    const purchase = await offeredTo(link);
    await pay(life, purchase);
    const denied = await reached(life, purchase, "payer-denied");
    expect(denied.reason).toBe("insufficient-funds");
    await life.wallet.runner.idle();
    expect(world.mts.denials).toBe(1);
    expect((await fetch(payerQuoteUrl(link))).status).toBe(200);
  });

  test("is told when somebody else had paid before", async () => {
    const { quoteUrl, link } = await somebodys();
    const purchase = await offeredTo(link);
    world.mts.server.fault = ({ path }) => {
      // The other's proof comes while this wallet's is on its way.
      if (path === "/chit/proof" && world.mts.sale(quoteUrl).proofs.length === 0) {
        world.mts.sale(quoteUrl).proofs.push("another's");
      }
      return undefined;
    };
    await pay(life, purchase);
    expect((await reached(life, purchase, "payer-complete")).payment).toBe("further");
  });

  test("is told when the shop gives the payment back", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    world.mts.server.fault = ({ path }) =>
      path === "/chit/proof" ? { problem: "refunded" } : undefined;
    await pay(life, purchase);
    expect((await reached(life, purchase, "payer-complete")).payment).toBe("returned");
  });

  test("a receipt for another payment is not believed", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    const receipt = { v: 1, type: "proof-receipt", transactionNumber: world.tps.id() };
    const body = { ...receipt, paymentId: world.tps.id(), first: true };
    world.mts.server.fault = ({ path }) =>
      path === "/chit/proof" ? new TextEncoder().encode(JSON.stringify(body)) : undefined;
    await pay(life, purchase);
    await reached(life, purchase, "payer-paid", "shop-answer-forged");
  });
});

describe("nothing is paid", () => {
  const refusedBefore = async (arrange: (quoteUrl: string) => void, code: string) => {
    const { quoteUrl, link } = await somebodys();
    const purchase = await offeredTo(link);
    arrange(quoteUrl);
    await pay(life, purchase);
    const failed = await reached(life, purchase, "failed");
    expect([failed.failure.code, failed.role]).toEqual([code, "payer"]);
    expect(world.tps.payments).toBe(0);
  };

  test("where somebody else has paid since the quote was shown", () =>
    refusedBefore((url) => world.mts.sale(url).proofs.push("another's"), "already-paid"));

  test("where the link was called off since", () =>
    refusedBefore((url) => {
      world.mts.sale(url).calledOff = true;
    }, "payer-link-closed"));

  test("while the shop cannot say whether it is paid already", async () => {
    const { link } = await somebodys();
    const purchase = await offeredTo(link);
    world.mts.server.fault = () => "down";
    await pay(life, purchase);
    await reached(life, purchase, "payer-confirmed", "shop-unreachable");
    expect(world.tps.payments).toBe(0);
    world.mts.server.fault = () => undefined;
    life.wallet.runner.poke(purchase.purchaseId);
    await reached(life, purchase, "payer-complete");
  });

  test("for a quote that expired, at another origin, or under a key that is not the link's", async () => {
    const { link } = await somebodys();
    const refusal = async (quoteUrl: string, pageOrigin: string) => {
      const pointer = { quoteUrl, pageOrigin, tabId: 1, forSomebodyElse: true };
      const taken = await life.wallet.takeQuote(pointer);
      return taken.kind === "refused" ? taken.refusal.failure.code : taken.kind;
    };
    const { origin } = world.mts.server;
    const wrong = `${link.slice(0, -22)}${world.tps.id()}`;
    expect(await refusal(payerQuoteUrl(wrong), origin)).toBe("transaction-unknown");
    expect(await refusal(payerQuoteUrl(link), "https://elsewhere.example")).toBe(
      "origin-not-certified",
    );
    world.clock.now += 901 + LIMITS.clockSkewSeconds;
    expect(await refusal(payerQuoteUrl(link), origin)).toBe("quote-expired");
  });
});

test("whoever opens a link of their own wallet is shown their own purchase", async () => {
  const quoteUrl = world.mts.offer();
  const pageOrigin = world.mts.server.origin;
  const taken = await life.wallet.takeQuote({ quoteUrl, pageOrigin, tabId: 1 });
  if (taken.kind !== "offered") throw new Error(taken.kind);
  await life.wallet.letSomeonePay(taken.purchase.purchaseId, null);
  const { payLink } = await reached(life, taken.purchase, "awaiting-payer");
  const pointer = { quoteUrl: payerQuoteUrl(payLink), pageOrigin, tabId: 2, forSomebodyElse: true };
  expect(await life.wallet.takeQuote(pointer)).toMatchObject({
    kind: "known",
    purchase: { purchaseId: taken.purchase.purchaseId },
  });
});
