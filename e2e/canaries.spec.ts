/**
 * Who never sees what, by canaries: texts and numbers that are searched for, in all usual encodings, in everything that
 * was sent, stored and logged.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBase64url, PAYMENTS_PATH, quoteHash, toBase64url } from "@chit/protocol";
import { type Destination, writeAddress } from "./support/address.ts";
import { filesText, findCanaries, wireText } from "./support/canary.ts";
import { databaseText, walletText } from "./support/dump.ts";
import { lastSession, openedRequest } from "./support/forgery.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import { deviceSecrets } from "./support/recording.ts";
import { openShop, type Shop } from "./support/shop.ts";
import { test as base, expect, type ReadyWallet } from "./support/test.ts";

/** A shop whose sales, spool and log can be searched. */
interface OpenBooks extends Shop {
  readonly log: readonly string[];
  /** Its files: sales and spool. */
  files(): Promise<string>;
}

const test = base.extend<{ openBooks: OpenBooks }>({
  openBooks: async ({ service }, use) => {
    const directory = await mkdtemp(join(tmpdir(), "chit-e2e-books-"));
    const log: string[] = [];
    const write = (fields: object, message: string) =>
      void log.push(`${message} ${JSON.stringify(fields)}`);
    const logger = { info: write, warn: write, error: write };
    const shop = await openShop(service.tps, { directory, logger });
    await use({ ...shop, log, files: () => filesText(directory) });
    await shop.close();
    await rm(directory, { recursive: true });
  },
});

const SEND_TO: Destination = {
  name: "Wilhelmine Zeisig",
  street: "Ortolanweg 4711",
  postalCode: "QX7 4ZV",
  city: "Pirolsheim",
  country: "GB",
};

/** What nobody but wallet and shop may know. */
const BOUGHT = {
  "name of the offer": "Kanarienkorb Grüngold",
  "one line": "Rotkehlchen-Roman, Leinen",
  "another line": "Zaunkönig-Zettelkasten",
  "bytes of the goods": "Es sang die Nachtigall im Ohrensessel.",
  "name of the goods": "Nachtigallenbuch",
  "name of the file": "nachtigall-im-sessel.txt",
  "text about delivery": "Kommt mit der Brieftaube am Donnerstag.",
  carrier: "Taubenpost Habichtswald",
  "address of the page": "vogelhandlung-seltene-ware",
} as const;

async function buyCanaries(wallet: ReadyWallet, shop: Shop): Promise<void> {
  const path = `/${BOUGHT["address of the page"]}`;
  await shop.publishQuote(path, {
    name: BOUGHT["name of the offer"],
    kind: "mixed",
    lines: [
      { description: BOUGHT["one line"], price: "3.00" },
      { description: BOUGHT["another line"], quantity: 2, price: "1.50" },
    ],
    goods: [
      {
        content: BOUGHT["bytes of the goods"],
        name: BOUGHT["name of the goods"],
        filename: BOUGHT["name of the file"],
      },
    ],
    delivery: { text: BOUGHT["text about delivery"], carrier: BOUGHT.carrier },
  });
  const { window } = await order(wallet, shop, path);
  await writeAddress(window, SEND_TO);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
}

/** Each request-for-payment that reached the TPS, opened with its own key. */
function openedPayments(service: PaymentService) {
  const requests = service.line.to(PAYMENTS_PATH).map(({ body }) => body);
  return Promise.all(requests.map((body) => openedRequest(service, body)));
}

test("privacy: lines, addresses, goods and pages of a purchase never reach the TPS", async ({
  wallet,
  openBooks,
  service,
  shopper,
}) => {
  await buyCanaries(wallet, openBooks);
  const opened = await openedPayments(service);
  const atTps = {
    "what it was sent": wireText(service.line.exchanges, opened),
    "its database": await databaseText(service.tps.deps.database),
    "its log": service.log.join("\n"),
  };
  const { country: _, ...sendTo } = SEND_TO;
  expect(findCanaries({ ...BOUGHT, ...sendTo }, atTps)).toEqual([]);

  // The search finds what is there: the payment at the TPS, and all of the canaries where they belong.
  const [sale] = await openBooks.merchant.sales({});
  const payment = { number: sale?.transactionNumber ?? "", account: shopper.accountId };
  expect(findCanaries(payment, atTps)).toEqual(
    expect.arrayContaining([
      "number (plain) in what it was sent",
      "account (plain) in what it was sent",
      "number (plain) in its database",
    ]),
  );
  expect(opened).toHaveLength(1);
  const found = findCanaries({ ...BOUGHT, ...sendTo }, { shop: await openBooks.files() }).join();
  // Heading and address of the page are not kept.
  const { "address of the page": __, "name of the offer": ___, ...stored } = BOUGHT;
  for (const name of Object.keys({ ...stored, ...sendTo })) expect(found).toContain(name);
});

test("privacy: the salt of a quote never reaches the TPS, and no guess of what was bought meets its hash without it", async ({
  wallet,
  openBooks,
  service,
}) => {
  await buyCanaries(wallet, openBooks);
  const body = openBooks.line.to("/chit/quotes/")[0]?.reply?.body ?? Buffer.alloc(0);
  const quote = JSON.parse(body.toString());
  const opened = await openedPayments(service);
  const atTps = {
    "what it was sent": wireText(service.line.exchanges, opened),
    "its database": await databaseText(service.tps.deps.database),
    "its log": service.log.join("\n"),
  };
  const salt = fromBase64url(quote.salt);
  const parts = { salt, beginning: salt.subarray(0, 8), end: salt.subarray(8) };
  expect(findCanaries(parts, atTps)).toEqual([]);
  // The search finds it where it belongs.
  const found = findCanaries({ salt }, { shop: await openBooks.files() });
  expect(found).toContain("salt (base64url, 0) in shop");

  // Who knows the whole catalogue, the second and the certificate still lacks the salt.
  const hash = toBase64url(quoteHash(body));
  expect(atTps["what it was sent"]).toContain(hash);
  const guess = { ...quote, salt: toBase64url(new Uint8Array(salt.length)) };
  expect(toBase64url(quoteHash(Buffer.from(JSON.stringify(guess))))).not.toBe(hash);
  const known = { ...guess, salt: quote.salt };
  expect(toBase64url(quoteHash(Buffer.from(JSON.stringify(known))))).toBe(hash);
});

test("privacy: the shop never sees account, device, balance or anything else of who pays", async ({
  wallet,
  openBooks,
  service,
  shopper,
}) => {
  await shopper.fund(73_219n);
  const before = await shopper.ledger();
  await buyCanaries(wallet, openBooks);
  const after = await shopper.ledger();
  const secrets = await deviceSecrets(service, shopper.accountId);
  const payer = {
    account: shopper.accountId,
    "bytes of the account": fromBase64url(shopper.accountId),
    device: before.devices[0]?.deviceId ?? "",
    "key of the device": fromBase64url(secrets.device),
    "name of the device": before.devices[0]?.name ?? "",
    "telephone id": shopper.telephoneId,
    "balance before": String(before.balance),
    "balance after": String(after.balance),
    "modified PIN": fromBase64url(secrets.modifiedPin),
    PIN: wallet.pin,
  };
  const atShop = {
    "what it was sent": wireText(openBooks.line.exchanges),
    "its files": await openBooks.files(),
    "its log": openBooks.log.join("\n"),
  };
  expect(findCanaries(payer, atShop)).toEqual([]);

  // The search finds what is there.
  const [sale] = await openBooks.merchant.sales({});
  expect(findCanaries({ number: sale?.transactionNumber ?? "" }, atShop)).toEqual(
    expect.arrayContaining(["number (plain) in what it was sent", "number (plain) in its files"]),
  );
  const atTps = { database: await databaseText(service.tps.deps.database) };
  const found = findCanaries(payer, atTps).join();
  for (const name of ["account", "device", "key of the device", "balance after", "telephone id"]) {
    expect(found).toContain(`${name} (plain)`);
  }
});

test("threat 25: PIN, passcode, activation secret and session keys are in no log, database, record or file that is not theirs", async ({
  wallet,
  openBooks,
  service,
  shopper,
}) => {
  const before = await deviceSecrets(service, shopper.accountId);
  await buyCanaries(wallet, openBooks);
  const after = await deviceSecrets(service, shopper.accountId);
  const [request] = await openedPayments(service);
  const { key } = await lastSession(openBooks);
  const [secret = ""] = shopper.activationLink.replace(/.*#/, "").split(".");
  const home = await wallet.openWallet("home.html#/");
  const inWallet = await walletText(home);
  const inPages = await home.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  const onTheWire = wireText([...service.line.exchanges, ...openBooks.line.exchanges]);
  await wallet.kill();
  const elsewhere = {
    "the TPS's database": await databaseText(service.tps.deps.database),
    "the logs of TPS and VRU": service.log.join("\n"),
    "the shop's log": openBooks.log.join("\n"),
    "what travelled": onTheWire,
    "the pages' storage": inPages,
  };
  const shopFiles = await openBooks.files();
  const everywhere = {
    ...elsewhere,
    "the wallet's records": inWallet,
    "the shop's files": shopFiles,
    "the browser's profile": await filesText(join(wallet.profile, "Default")),
  };
  const secrets = {
    PIN: wallet.pin,
    "modified PIN before": fromBase64url(before.modifiedPin),
    "modified PIN after": fromBase64url(after.modifiedPin),
    "PIN tag": request?.pinTag ?? "",
    "telephone passcode": shopper.telephonePasscode,
    "activation secret": secret,
    "bytes of the activation secret": fromBase64url(secret),
  };
  expect(findCanaries(secrets, everywhere)).toEqual([]);
  // Session keys, the token among them, are wallet's and shop's alone.
  expect(findCanaries({ ...key }, elsewhere)).toEqual([]);
  expect(Object.keys(key)).toContain("token");

  // The search looks at the right things.
  const [sale] = await openBooks.merchant.sales({});
  const number = { number: sale?.transactionNumber ?? "" };
  const { "the pages' storage": _, ...known } = everywhere;
  const found = findCanaries(number, known).join();
  for (const place of ["database", "travelled", "records", "the shop's files"]) {
    expect(found).toContain(place);
  }
  expect(service.log.join()).toContain(PAYMENTS_PATH);
  const kept = { wallet: inWallet, shop: shopFiles };
  const token = findCanaries({ token: key.token }, kept).join();
  expect(token).toContain("in wallet");
  expect(token).toContain("in shop");
});
