/** What really travelled, checked by the second implementation; and how long a purchase takes. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { order, pay, thanks } from "./support/purchase.ts";
import { deviceSecrets, record } from "./support/recording.ts";
import { expect, test } from "./support/test.ts";

const VERIFY = new URL("../scripts/verify-purchase.mjs", import.meta.url).pathname;
/** Kept for the second implementation's own tests; written anew with CHIT_RECORD=1. */
const KEPT = new URL("recordings/purchase.json", import.meta.url).pathname;

test("a browser's purchase verifies, message by message, in the second implementation", async ({
  wallet,
  shop,
  service,
  shopper,
}, testInfo) => {
  const secrets = await deviceSecrets(service, shopper.accountId);
  const { window } = await order(wallet, shop, "/note");
  const now = Math.floor(Date.now() / 1000);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  const before = { pin: wallet.pin, now, secrets };
  const recording = await record(service, shop, shopper.accountId, before);
  const path = process.env.CHIT_RECORD ? KEPT : testInfo.outputPath("purchase.json");
  writeFileSync(path, `${JSON.stringify(recording, undefined, 2)}\n`);

  const { stdout, stderr, status } = spawnSync(process.execPath, [VERIFY, path], {
    encoding: "utf8",
    // Node warns on the error output when this and NO_COLOR are both set.
    env: { ...process.env, FORCE_COLOR: undefined },
  });
  expect(stderr).toBe("");
  expect(stdout).not.toContain("FAILED");
  expect(stdout).toMatch(/\n\d{2,} checks, 0 failed\n$/);
  expect(status).toBe(0);
});

test("the time from Pay to the goods is written down", async ({
  wallet,
  shop,
  shopper,
}, testInfo) => {
  const taken: number[] = [];
  for (let purchase = 0; purchase < 5; purchase++) {
    const { window, page } = await order(wallet, shop, "/note");
    const begun = performance.now();
    await pay(window, wallet.pin);
    await expect(thanks(window)).toBeVisible();
    taken.push(Math.round(performance.now() - begun));
    await window.close();
    await page.close();
  }
  expect((await shopper.ledger()).devices).toMatchObject([{ count: 5 }]);
  const median = taken.toSorted((a, b) => a - b)[2];
  const description = `${median} ms from Pay to the goods, median of ${taken.join(", ")}`;
  testInfo.annotations.push({ type: "time", description });
  console.log(description);
});
