/** A payment is notarized, and shown to somebody who has the file and the operator's root key, and nothing else. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseActivationLink, toBase64url } from "@chit/protocol";
import type { Page } from "@playwright/test";
import type { PaymentService, Shopper } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";
import { expect, type ReadyWallet, test } from "./support/test.ts";

const PATIENT = { timeout: 30_000 };
const COMMAND = fileURLToPath(new URL("verify.ts", import.meta.resolve("@chit/merchant")));
const SECOND_IMPLEMENTATION = fileURLToPath(
  new URL("../scripts/verify-notarization.mjs", import.meta.url),
);

/** Buys a book; the operator's log takes it up. @returns the purchase's page */
async function bought(wallet: ReadyWallet, shop: Shop, { tps }: PaymentService): Promise<Page> {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await window.close();
  await tps.runChores();
  const home = await wallet.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  return home;
}

const notarize = (page: Page) => page.getByRole("button", { name: "Notarize this payment" });

/** Presses the button and gives the path of the file. */
async function saved(page: Page, button = notarize(page)): Promise<string> {
  const downloading = page.waitForEvent("download");
  await button.click();
  return (await downloading).path();
}

/** Runs a verifier, as somebody does who got the file. */
async function verify(program: string, { activationLink }: Shopper, file: string) {
  const rootKey = toBase64url(parseActivationLink(activationLink).rootKey);
  const command = [program, "--root-key", rootKey, file];
  return promisify(execFile)(process.execPath, command).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

test("the saved file shows shop, amount and time off line, in two implementations; a changed one shows nothing", async ({
  wallet,
  shop,
  service,
  shopper,
}, testInfo) => {
  const page = await bought(wallet, shop, service);
  const file = await saved(page);
  await expect(page.getByRole("heading", { name: "Notarized and saved" })).toBeVisible();
  // The log's addresses are public, and are asked without anything that says who asks.
  const asked = service.line.to("/log/");
  expect(asked.length).toBeGreaterThanOrEqual(2);
  for (const { method, body, headers } of asked) {
    expect([method, body.length]).toEqual(["GET", 0]);
    expect([headers.cookie, headers.authorization]).toEqual([undefined, undefined]);
  }
  for (const program of [COMMAND, SECOND_IMPLEMENTATION]) {
    const genuine = await verify(program, shopper, file);
    expect(genuine).toMatchObject({ code: 0 });
    expect(genuine.said).toContain("Paper & Ink");
    expect(genuine.said).toMatch(/4\.90(00)? EUR/);
    const changed = testInfo.outputPath("changed.tlog-proof");
    const text = await readFile(file, "utf8");
    const at = text.indexOf("index") - 100;
    await writeFile(
      changed,
      `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`,
    );
    const forged = await verify(program, shopper, changed);
    expect(forged).toMatchObject({ code: 1 });
    expect(forged.said).toContain("does not prove a payment");
  }
});

/** What an operator does who wants another history: the log is made anew, with something else in the first place. */
async function rewriteLog({ tps }: PaymentService): Promise<void> {
  await tps.deps.database.transaction(async (tx) => {
    await tx.query("set local session_replication_role = replica");
    for (const table of ["log_entries", "log_nodes", "log_checkpoints"]) {
      await tx.query(`delete from ${table}`);
    }
    await tx.query("update merchant_payments set log_index = null");
    await tx.query("insert into log_entries values (0, sha256('another payment'))");
    await tx.query(
      "insert into log_checkpoints (size, root) values (1, sha256('\\x00'::bytea || sha256('another payment')))",
    );
  });
  await tps.runChores();
}

test("an operator that rewrites its log is found out; both signed versions are kept to be shown", async ({
  wallet,
  shop,
  service,
}) => {
  const page = await bought(wallet, shop, service);
  const before = await readFile(await saved(page), "utf8");
  await rewriteLog(service);
  await notarize(page).click();
  const alarm = page.getByRole("alert");
  await expect(alarm).toContainText("The operator’s public record was changed");
  const evidence = await readFile(
    await saved(page, page.getByRole("button", { name: "Save the evidence" })),
    "utf8",
  );
  expect(evidence).toContain(before.slice(before.indexOf("\n\n") + 2));
  expect(evidence.match(/^— localhost:\d+\/log /gm)).toHaveLength(4);
});
