/** What gets lost on the way: answers, servers, browsers. Whatever happens, one payment is one debit. */

import { rotateKey } from "@chit/tps-server";
import type { Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { gate } from "./support/gate.ts";
import type { Line } from "./support/line.ts";
import type { Shopper } from "./support/payment-service.ts";
import { order, pay, savedBytes, thanks } from "./support/purchase.ts";
import { FILM } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

const PAYMENTS = "/v1/payments";
/** Retries come after 1, 2, 4 and 8 seconds. */
const PATIENT = { timeout: 30_000 };

async function expectOneDebit(shopper: Shopper, balance: bigint): Promise<void> {
  const ledger = await shopper.ledger();
  expect(ledger).toMatchObject({ balance, devices: [{ count: 1, wrongPins: 0 }] });
  expect(ledger.movements.filter(({ kind }) => kind === "payment")).toHaveLength(1);
}

function expectIdentical(line: Line, least: number): void {
  const bodies = line.to(PAYMENTS).map(({ body }) => body.toString("base64"));
  expect(bodies.length).toBeGreaterThanOrEqual(least);
  expect(new Set(bodies).size).toBe(1);
}

/** The first request to `path` arrives and its answer is held; then everything passes. */
function holdFirst(line: Line, path: string, reaches = true) {
  const [arrived, go] = [gate(), gate()];
  let first = true;
  line.interfere(async (exchange, pass) => {
    if (exchange.path !== path || !first) return pass();
    first = false;
    if (reaches) await pass();
    arrived.open();
    await go.opened;
    return "lost";
  });
  return { arrived: arrived.opened, release: go.open };
}

test("a lost answer: the payment is checked with identical bytes and debited once", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  let losing = true;
  service.line.interfere(async (_exchange, pass) => {
    const reply = await pass();
    return losing ? "lost" : reply;
  });
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("We are checking your payment")).toBeVisible();
  await expect(window.getByText("You will not be charged twice.")).toBeVisible();
  losing = false;
  await window.getByRole("button", { name: "Try now" }).click();
  await expect(thanks(window)).toBeVisible(PATIENT);
  expectIdentical(service.line, 2);
  await expectOneDebit(shopper, 201_000n);
});

test("three lost answers in a row: it goes on by itself", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  let lost = 0;
  service.line.interfere(async (_exchange, pass) => {
    const reply = await pass();
    lost += 1;
    return lost <= 3 ? "lost" : reply;
  });
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  expectIdentical(service.line, 4);
  await expectOneDebit(shopper, 201_000n);
});

test("the TPS is off when Pay is pressed, and comes back", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await service.line.cut();
  await pay(window, wallet.pin);
  await expect(window.getByText("We are checking your payment")).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(250_000n);
  await service.line.mend();
  await expect(thanks(window)).toBeVisible(PATIENT);
  await expectOneDebit(shopper, 201_000n);
});

test("the TPS restarts before it could answer", async ({ wallet, shop, service, shopper }) => {
  const held = holdFirst(service.line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await held.arrived;
  await service.restart();
  held.release();
  await expect(thanks(window)).toBeVisible(PATIENT);
  expectIdentical(service.line, 2);
  await expectOneDebit(shopper, 201_000n);
});

for (const reaches of [true, false]) {
  const when = reaches ? "after the TPS was paid" : "before the TPS heard of it";
  test(`the browser is killed ${when}: the next one goes on by itself, one debit`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const held = holdFirst(service.line, PAYMENTS, reaches);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await held.arrived;
    await wallet.kill();
    held.release();
    await withBrowser(wallet.profile, async (next) => {
      await expect
        .poll(() => shop.line.to("/chit/goods").length, PATIENT)
        .toBeGreaterThanOrEqual(1);
      await expectReceiptAtHome(next);
      expectIdentical(service.line, 2);
      await expectOneDebit(shopper, 201_000n);
    });
  });
}

for (const { path, state } of [
  { path: "/chit/session", state: "while the shop proves itself" },
  { path: PAYMENTS, state: "while it pays" },
  { path: "/chit/proof", state: "while the shop reads the proof" },
  { path: "/chit/goods", state: "while the goods come" },
]) {
  test(`the wallet's worker is stopped ${state}: it goes on when woken`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const line = path === PAYMENTS ? service.line : shop.line;
    const held = holdFirst(line, path);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await held.arrived;
    await stopWorkers(wallet, window);
    held.release();
    await window.reload();
    if (path === "/chit/session") {
      // Nothing was requested yet, and a PIN is kept by nobody.
      await expect(window.getByText("Your PIN was not kept.")).toBeVisible(PATIENT);
      await pay(window, wallet.pin);
    }
    await expect(thanks(window)).toBeVisible(PATIENT);
    await expectOneDebit(shopper, 201_000n);
  });
}

test("a stopped worker wakes by itself to finish a payment", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const held = holdFirst(service.line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await held.arrived;
  await stopWorkers(wallet, window);
  await window.close();
  held.release();
  await expect.poll(() => shop.line.to("/chit/goods").length, { timeout: 45_000 }).toBe(1);
  await expectOneDebit(shopper, 201_000n);
});

test("the shop falls silent after the payment: said in words, and done when it is back", async ({
  wallet,
  shop,
  shopper,
}) => {
  let silent = true;
  shop.line.interfere(async (exchange, pass) =>
    silent && exchange.path === "/chit/proof" ? "lost" : pass(),
  );
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("You have paid. The shop has not answered yet.")).toBeVisible();
  await expect(window.getByText("Your payment is safe")).toBeVisible();
  await expectOneDebit(shopper, 201_000n);
  silent = false;
  await window.getByRole("button", { name: "Try now" }).click();
  await expect(thanks(window)).toBeVisible(PATIENT);
  await expectOneDebit(shopper, 201_000n);
});

test("the shop is silent and the browser restarts: what was paid is not lost", async ({
  wallet,
  shop,
  shopper,
}) => {
  let silent = true;
  shop.line.interfere(async (exchange, pass) =>
    silent && exchange.path === "/chit/proof" ? "lost" : pass(),
  );
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("You have paid.")).toBeVisible();
  await wallet.kill();
  await withBrowser(wallet.profile, async (next) => {
    const home = await next.openWallet("home.html#/");
    await expect(home.getByRole("heading", { name: "Needs you" })).toBeVisible();
    await home.getByRole("link", { name: /Paper & Ink/ }).click();
    await expect(home.getByText("You have paid. The shop has not answered yet.")).toBeVisible();
    silent = false;
    await home.getByRole("button", { name: "Try now" }).click();
    await expect(home.getByRole("button", { name: /^Save / })).toBeVisible(PATIENT);
    await expectOneDebit(shopper, 201_000n);
  });
});

test("a broken download goes on where it stopped", async ({ wallet, shop, shopper }) => {
  const seen = gate();
  let broken = false;
  shop.line.interfere(async (exchange, pass) => {
    const reply = await pass();
    if (exchange.path !== "/chit/goods" || broken) return reply;
    broken = true;
    return { reply, brokenAfter: 1_500_000, when: seen.opened };
  });
  const { window } = await order(wallet, shop, "/film");
  await pay(window, wallet.pin);
  const home = await wallet.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  await expect(home.getByRole("progressbar")).toHaveAttribute("value", "1048576"); // on disk
  seen.open();
  await expect(thanks(window)).toBeVisible(PATIENT);
  const [first, second] = shop.line
    .to("/chit/goods")
    .map(({ body }) => JSON.parse(body.toString()).firstChunk as number);
  expect(first).toBe(0);
  expect(second).toBeGreaterThanOrEqual(16);
  expect((await savedBytes(window)).equals(FILM)).toBe(true);
  await expectOneDebit(shopper, 220_000n);
});

test("signing and sealing keys change between offer and payment", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await rotateKey(service.tps.deps, "sealing", 0);
  const { keyId } = await rotateKey(service.tps.deps, "signing", 0);
  await service.restart();
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  const [forwarded] = shop.line.to("/chit/proof");
  const proof: string = JSON.parse(forwarded?.body.toString() ?? "{}").proof;
  const header = JSON.parse(Buffer.from(proof.split(".")[0] ?? "", "base64url").toString());
  expect(header.kid).toBe(keyId);
  await expectOneDebit(shopper, 201_000n);
});

/** Stops the wallet's service worker, as the browser does with one that it takes for idle. */
async function stopWorkers(browser: WalletBrowser, page: Page): Promise<void> {
  const session = await browser.context.newCDPSession(page);
  const stopped = gate();
  session.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
    if (versions.some(({ runningStatus }) => runningStatus === "stopped")) stopped.open();
  });
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await stopped.opened;
  await session.detach();
}

async function withBrowser(profile: string, work: (next: WalletBrowser) => Promise<void>) {
  const next = await openBrowser({ profile });
  try {
    await work(next);
  } finally {
    await next.close();
  }
}

async function expectReceiptAtHome(browser: WalletBrowser): Promise<void> {
  const home = await browser.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  await expect(home.getByRole("button", { name: /^Save / })).toBeVisible(PATIENT);
}
