/** Text and clients that want harm, at the TPS's own door. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { showAccount } from "../src/accounts/show.ts";
import { createApp } from "../src/app.ts";
import { createLog } from "../src/http/log.ts";
import { LIMITS } from "../src/limits.ts";
import { approveMerchant, registerApplication } from "../src/merchants/applications.ts";
import { listMerchants } from "../src/merchants/merchants.ts";
import { createWallet, recordOf } from "./support/wallet.ts";
import { createWorld, signedApplication, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test("threat 23: text with SQL in it is kept as text, in names of shops and of wallets", async () => {
  const name = `'); drop table payments; --`;
  const { applicationId } = await registerApplication(world.deps, await signedApplication(name));
  const { merchantId } = await approveMerchant(world.deps, applicationId);
  const merchants = await listMerchants(world.deps);
  expect(merchants.find((one) => one.merchantId === merchantId)?.name).toBe(name);

  const wallet = await createWallet(world);
  expect(await wallet.pay({ merchantId, amount: 10n })).toMatchObject({ outcome: "paid" });
  const { movements } = await showAccount(world.deps, wallet.accountId);
  expect(movements[0]?.text).toBe(name);
  expect(await recordOf(wallet)).toMatchObject({ payments: 1 });
});

test("threat 23: nobody is waited for without end, and no more is read than a message may have", async () => {
  const app = createApp(world.deps, createLog("silent"));
  try {
    await app.ready();
    expect(app.server.requestTimeout).toBe(LIMITS.requestMilliseconds);
    expect(app.server.timeout).toBe(LIMITS.requestMilliseconds);
    expect(app.initialConfig.bodyLimit).toBe(16_384);
    expect(LIMITS.requestMilliseconds).toBeLessThanOrEqual(30_000);
  } finally {
    await app.close();
  }
});
