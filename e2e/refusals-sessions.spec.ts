/** Shops that cannot prove their offer in steps 3 and 4: the wallet asks no TPS for anything (threats 14, 18). */
import {
  createQuoteAuthentication,
  createSessionInitiation,
  decodeQuote,
  fromBase64url,
  quoteHash,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { nodeOpeningKey } from "@chit/protocol/node";
import {
  badPage,
  changed,
  crypto,
  honestQuote,
  htmlReply,
  reply,
  sessionOf,
} from "./support/forgery.ts";
import type { Interference } from "./support/line.ts";
import { expect, expectCode, expectStillPays, expectWords, test } from "./support/one-wallet.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";

const SESSION = "/chit/session";
const UNPROVEN = ["The shop could not prove who it is", "Do not pay it"] as const;

test.describe.configure({ mode: "default" });
test.use({ trace: "off" });

const withMac = (mac: Uint8Array): string =>
  JSON.stringify({ v: 1, type: "quote-authentication", mac: toBase64url(mac) });

/** What the shop answers in step 4. */
const FORGERIES: { name: string; way: (shop: Shop) => Interference }[] = [
  {
    name: "a wrong MAC",
    way: () => async (_exchange, pass) => {
      await pass();
      return reply(withMac(crypto.randomBytes(32)));
    },
  },
  {
    name: "a MAC under the session's key, for another quote",
    way: (shop) => async (exchange) => {
      const session = await sessionOf(shop, exchange.body);
      const { merchantId, transactionNumber } = await honestQuote(shop);
      const subject = { merchantId, transactionNumber, quoteHash: crypto.randomBytes(32) };
      return reply(createQuoteAuthentication(session, subject));
    },
  },
  {
    name: "the answer of another session, which was genuine there",
    way: (shop) => async () => reply(await answerOfAnotherSession(shop)),
  },
  {
    name: "the right answer with one more field",
    way: () => changed((body) => JSON.stringify({ ...JSON.parse(String(body)), ok: true })),
  },
  { name: "a page of HTML", way: () => async () => htmlReply(200) },
  { name: "nothing", way: () => async () => reply("") },
  {
    name: "the wallet's own message",
    way: () => async (exchange) => reply(exchange.body),
  },
];

for (const { name, way } of FORGERIES) {
  test(`a shop that answers the session with ${name}: not believed, nothing paid`, async ({
    service,
    shop,
    shopWays,
    longWallet,
    before,
  }) => {
    shopWays.set(SESSION, way(shop));
    const { window } = await order(longWallet, shop, "/book");
    await pay(window, longWallet.pin);
    await expectWords(window, ...UNPROVEN);
    await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
    await expectCode(window, "shop-answer-forged");
    expect(service.line.to("/v1/payments")).toHaveLength(0);
    expect((await longWallet.shopper.ledger()).balance).toBe(before);
  });
}

test("an amount that was changed on the way of the quote: the shop says it is not its own, nothing paid", async ({
  service,
  shop,
  shopWays,
  longWallet,
  before,
}) => {
  const quote = await honestQuote(shop);
  const lines = quote.lines.map((line) => ({ ...line, amount: "490000" }));
  const { path } = badPage(shop, shopWays, JSON.stringify({ ...quote, lines, amount: "490000" }));
  const { window } = await order(longWallet, shop, path);
  await pay(window, longWallet.pin);
  await expectWords(window, ...UNPROVEN);
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  await expectCode(window, "quote-mismatch");
  expect(shop.line.to(SESSION).map((exchange) => exchange.reply?.status)).toEqual([409]);
  expect(service.line.to("/v1/payments")).toHaveLength(0);
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

test("a session that another wallet has begun: said so, nothing paid", async ({
  service,
  shop,
  shopWays,
  longWallet,
  before,
}) => {
  const quote = await honestQuote(shop);
  const body = utf8(JSON.stringify(quote));
  const { path } = badPage(shop, shopWays, body);
  const { window } = await order(longWallet, shop, path);
  await expect(payButton(window)).toBeVisible();
  expect((await beginSession(shop, body)).status).toBe(200);
  await pay(window, longWallet.pin);
  await expectWords(
    window,
    "Another wallet has begun this purchase",
    "choose again to get an offer of your own",
  );
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  expect(service.line.to("/v1/payments")).toHaveLength(0);
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

test("an offer of which the shop knows nothing: go back and choose again, nothing paid", async ({
  service,
  shop,
  shopWays,
  longWallet,
  before,
}) => {
  const transactionNumber = toBase64url(crypto.randomBytes(16));
  const quote = { ...(await honestQuote(shop)), transactionNumber };
  const { path } = badPage(shop, shopWays, JSON.stringify(quote));
  const { window } = await order(longWallet, shop, path);
  await pay(window, longWallet.pin);
  await expectWords(window, "This offer has run out", "Go back to the shop and choose again");
  await expectCode(window, "transaction-unknown");
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  expect(service.line.to("/v1/payments")).toHaveLength(0);
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

for (const [name, fate] of [
  ["an error", htmlReply(500)],
  ["a broken connection", "lost"],
] as const) {
  test(`a shop that answers the session with ${name}: asked again, and paid once when it answers`, async ({
    service,
    shop,
    shopWays,
    longWallet,
    before,
  }) => {
    shopWays.set(SESSION, async () => fate);
    const { window } = await order(longWallet, shop, "/book");
    await pay(window, longWallet.pin);
    await expectWords(window, "The shop does not answer", "try again in a few minutes");
    await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
    expect(service.line.to("/v1/payments")).toHaveLength(0);
    expect((await longWallet.shopper.ledger()).balance).toBe(before);
    shopWays.clear();
    await window.getByRole("button", { name: "Try now" }).click();
    await expect(thanks(window)).toBeVisible();
    expect((await longWallet.shopper.ledger()).balance).toBe(before - 49_000n);
  });
}

test("after all of these the wallet pays a good quote", async ({ shop, longWallet }) => {
  await expectStillPays(longWallet, shop);
});

const NOTHING_TOLD = { address: null, loyalty: null };

/** Steps 3 and 4 of another wallet, with the quote of these bytes. */
async function beginSession(shop: Shop, quoteBody: Uint8Array): Promise<Response> {
  const { merchantId, transactionNumber } = decodeQuote(quoteBody);
  const { keyId, publicRaw } = await nodeOpeningKey(crypto, fromBase64url(shop.sealingKey));
  const { body } = await createSessionInitiation(
    crypto,
    { kid: keyId, publicKey: publicRaw },
    { merchantId, transactionNumber, quoteHash: quoteHash(quoteBody) },
    NOTHING_TOLD,
  );
  return fetch(`http://127.0.0.1:${shop.line.port}${SESSION}`, {
    method: "POST",
    body: Uint8Array.from(body),
    headers: { "x-from": "another wallet" },
  });
}

/** Another wallet's session, taken from the shop itself: its bytes are genuine, but for another session. */
async function answerOfAnotherSession(shop: Shop): Promise<Uint8Array> {
  const quote = utf8(JSON.stringify(await honestQuote(shop)));
  const { keyId, publicRaw } = await nodeOpeningKey(crypto, fromBase64url(shop.sealingKey));
  const { merchantId, transactionNumber } = decodeQuote(quote);
  const subject = { merchantId, transactionNumber, quoteHash: quoteHash(quote) };
  const key = { kid: keyId, publicKey: publicRaw };
  const { session } = await createSessionInitiation(crypto, key, subject, NOTHING_TOLD);
  return createQuoteAuthentication(session, subject);
}
