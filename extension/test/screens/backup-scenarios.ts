/** The screens of backups. Files are made by the wallet's own code, so what is opened here is real. */
import { nodeGoodsCipher } from "@chit/protocol/node";
import type { Page } from "playwright";
import { type Entry, writeBackup } from "../../src/cts/backup/file.ts";
import { WALLET_LIMITS } from "../../src/cts/limits.ts";
import type { UnconnectedAccountView } from "../../src/messages.ts";
import {
  account,
  complete,
  digital,
  NOW,
  savedAddress,
  secondAccount,
  stepsTo,
  underWay,
} from "./fixtures.ts";
import { type Answers, ok, type Scenario } from "./scenario.ts";

const PASSPHRASE = "teapot under nineteen violins";
const nothing = ok({ accounts: [], recent: [], attention: [], refusals: [], returns: [] });

const contents = ok({
  accounts: 1,
  purchases: 214,
  addresses: 2,
  goods: 37,
  goodsBytes: 1_482_000_000,
});
const lost: UnconnectedAccountView = {
  accountKey: account.accountKey,
  issuer: account.issuer,
  operator: account.operator,
  telephone: account.telephone,
  deviceName: "Laptop at home",
  recoverable: true,
};
const unrecoverable: UnconnectedAccountView = {
  ...lost,
  accountKey: secondAccount.accountKey,
  operator: secondAccount.operator,
  recoverable: false,
};

/** Chooses a small backup and opens it with this passphrase. */
async function openFile(page: Page, passphrase: string): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({
    name: "chit-wallet-2026-11-22.chitbackup",
    mimeType: "application/octet-stream",
    buffer: await file(),
  });
  await page.locator('input[name="passphrase"]').fill(passphrase);
  await submit(page);
}
const submit = (page: Page) => page.locator('button[type="submit"]').click();

async function file(): Promise<Buffer> {
  async function* entries(): AsyncGenerator<Entry> {
    yield { record: { kind: "about", createdAt: NOW - 40 * 86_400 } };
    yield { record: { kind: "address", ...savedAddress } };
  }
  const kdf = { memory: WALLET_LIMITS.backupKdfMemoryLeast, passes: 1, lanes: 1 };
  const randomBytes = (length: number) => new Uint8Array(length).fill(7);
  const deps = { randomBytes, cipher: nodeGoodsCipher, kdf };
  const pieces: Uint8Array[] = [];
  for await (const piece of writeBackup(deps, PASSPHRASE, entries(), () => undefined)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function restoreFile(page: Page): Promise<void> {
  await openFile(page, PASSPHRASE);
  const start = page.locator(".button-primary:not([type=submit])");
  await start.waitFor();
  await start.click();
  await page.locator('a[href="#/purchases"].button').waitFor();
}

const screen = (
  name: string,
  fragment: string,
  answers: Answers,
  act?: Scenario["act"],
): Scenario => ({
  name: `backup-${name}`,
  page: `home.html${fragment}`,
  answers: { overview: nothing, backupContents: contents, ...answers },
  wide: true,
  ...(act ? { act } : {}),
});

const unknown = {
  ...digital,
  ...underWay,
  accountKey: null,
  state: "payment-requested",
  steps: stepsTo(5),
  waiting: { code: "payment-unknown", detail: "Words of the program, in English." },
} as const;

export const backupScenarios: readonly Scenario[] = [
  screen("make", "#/backup", {}),
  screen("make-error", "#/backup", {}, submit),
  screen("make-own", "#/backup", {}, async (page) => {
    await page.locator(".row .button-quiet").click();
    await page.locator('input[name="passphrase"]').fill("marmalade1234");
    await submit(page);
  }),
  screen(
    "make-done",
    "#/backup",
    {
      prepareBackup: ok({
        records: [],
        purchaseIds: [],
        withoutRecovery: ["Campus Card Göttingen"],
      }),
    },
    async (page) => {
      await page
        .locator("label", { has: page.locator('input[type="checkbox"]') })
        .last()
        .click();
      await submit(page);
      await page.locator("h1.shop-name").waitFor();
    },
  ),
  screen("restore", "#/restore", {}),
  screen("restore-errors", "#/restore", {}, submit),
  screen("restore-wrong", "#/restore", {}, async (page) => {
    await openFile(page, "teapot under nineteen violas");
    await page.locator(".notice-bad").waitFor();
  }),
  screen("restore-inside", "#/restore", {}, async (page) => {
    await openFile(page, PASSPHRASE);
    await page.locator(".button-primary:not([type=submit])").waitFor();
  }),
  screen(
    "restore-done",
    "#/restore",
    { restoreRecords: ok(["added"]), unconnectedAccounts: ok([lost, unrecoverable]) },
    restoreFile,
  ),
  screen("restore-nothing", "#/restore", { restoreRecords: ok(["kept"]) }, restoreFile),
  screen("overview", "#/", {
    overview: ok({ accounts: [], recent: [complete], attention: [], refusals: [], returns: [] }),
    unconnectedAccounts: ok([lost]),
  }),
  {
    name: "backup-payment-unknown",
    page: `payment.html?purchase=${unknown.purchaseId}`,
    answers: { overview: nothing, purchase: ok(unknown) },
  },
];
