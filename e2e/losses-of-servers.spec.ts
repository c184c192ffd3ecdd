/** A TPS that is off, restarted, killed, or given new keys in the middle of a payment: one debit, and it goes on. */
import { rotateKey } from "@chit/tps-server";
import { gate } from "./support/gate.ts";
import {
  expectChecking,
  expectIdentical,
  expectNextIsPaid,
  expectOneDebit,
  holdFirst,
  PATIENT,
  PAYMENTS,
  silence,
  tryNow,
} from "./support/losses.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";
import { serveTps } from "./support/tps-process.ts";

test("the TPS is off when Pay is pressed, and comes back", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await line.cut();
  await pay(window, wallet.pin);
  await expectChecking(window);
  expect((await shopper.ledger()).balance).toBe(250_000n);
  await line.mend();
  await expect(thanks(window)).toBeVisible(PATIENT);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("the TPS restarts before it could answer", async ({ wallet, shop, service, shopper }) => {
  const { line } = service;
  const held = holdFirst(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await held.arrived;
  await service.restart();
  held.release();
  await expect(thanks(window)).toBeVisible(PATIENT);
  expectIdentical(line, 2);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

/** Holds the account's row, as another payment of it would; resolves once somebody waits for it. */
async function holdAccount(service: PaymentService, accountId: string) {
  const [held, go] = [gate(), gate()];
  const { database } = service.tps.deps;
  const done = database.transaction(async (tx) => {
    await tx.query("select 1 from accounts where account_id = $1 for update", [accountId]);
    held.open();
    await go.opened;
  });
  await held.opened;
  const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'";
  return {
    waitedFor: () => expect.poll(async () => (await database.query(waiting)).length).toBe(1),
    async release() {
      go.open();
      await done;
    },
  };
}

for (const [name, moment, balance] of [
  ["the TPS is killed before it heard of the payment", "before", 250_000n],
  ["threat 4: the TPS is killed in the middle of its transaction", "within", 250_000n],
  ["threat 3: the TPS is killed between its commit and its answer", "after", 201_000n],
] as const) {
  test(`${name}: its successor answers the identical bytes, one debit`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const { line } = service;
    const first = await serveTps(service.dataDir);
    let second: typeof first | null = null;
    try {
      line.connect(first.address);
      let killed = false;
      line.interfere(async (exchange, pass) => {
        if (exchange.path !== PAYMENTS || killed) return pass();
        killed = true;
        if (moment === "after") await pass();
        if (moment === "within") {
          const account = await holdAccount(service, shopper.accountId);
          const answer = pass().catch(() => "none");
          await account.waitedFor();
          await first.kill();
          expect(await answer).toBe("none");
          await account.release();
        }
        await first.kill();
        return "lost";
      });
      const { window } = await order(wallet, shop, "/book");
      await pay(window, wallet.pin);
      await expectChecking(window);
      expect((await shopper.ledger()).balance).toBe(balance);

      second = await serveTps(service.dataDir);
      line.connect(second.address);
      await expect(thanks(window)).toBeVisible(PATIENT);
      expectIdentical(line, 2);
      await expectOneDebit(shopper, 201_000n);
      await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
    } finally {
      line.connect(service.tps.address);
      await first.kill();
      await second?.stop();
    }
  });
}

/** The id of the key that signed the last proof that the shop was shown. */
function lastSigner(shop: Shop): string {
  const forwarded = shop.line.to("/chit/proof").at(-1);
  const proof: string = JSON.parse(forwarded?.body.toString() ?? "{}").proof;
  return JSON.parse(Buffer.from(proof.split(".")[0] ?? "", "base64url").toString()).kid;
}

test("threat 22: signing and sealing keys change between offer and payment", async ({
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
  expect(lastSigner(shop)).toBe(keyId);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line: service.line }, wallet.pin);
});

test("threat 22: signing and sealing keys change while the answer is lost: the proof is the first one, the next has the new key", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { line } = service;
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expectChecking(window);
  await rotateKey(service.tps.deps, "sealing", 0);
  const { keyId } = await rotateKey(service.tps.deps, "signing", 0);
  await service.restart();
  silent.end();
  await tryNow(window, thanks(window));
  expect(lastSigner(shop)).not.toBe(keyId);
  expectIdentical(line, 2);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
  expect(lastSigner(shop)).toBe(keyId);
});

/** The operator's sealing key is replaced, and the old one's time to drain is over. */
async function drainSealingKey(service: PaymentService): Promise<void> {
  const { keyId } = await rotateKey(service.tps.deps, "sealing", 0);
  await service.tps.deps.database.query(
    "update keys set opens_until = 0 where purpose = 'sealing' and key_id <> $1",
    [keyId],
  );
  await service.restart();
}

test("the sealing key is deleted before the TPS heard of the payment: sealed anew, and paid once", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { line } = service;
  const silent = silence(line, PAYMENTS, false);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expectChecking(window);
  await drainSealingKey(service);
  silent.end();
  await tryNow(window, thanks(window));
  expect(new Set(line.to(PAYMENTS).map(({ body }) => body.toString("base64"))).size).toBe(2);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("the sealing key is deleted while the answer is lost: the stored answer still comes", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { line } = service;
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expectChecking(window);
  await drainSealingKey(service);
  silent.end();
  await tryNow(window, thanks(window));
  expectIdentical(line, 2);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin, 2);
});
