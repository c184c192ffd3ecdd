/** Offers that must not be paid: nothing is confirmed, asked of the TPS, or debited (threats 18, 20, 21, 22, 23). */
import { LIMITS, type QuoteInput } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import {
  badPage,
  certificateFor,
  crypto,
  honestQuote,
  htmlReply,
  newId,
  nowSeconds,
  pointer,
  reply,
} from "./support/forgery.ts";
import { expect, expectCode, expectStillPays, expectWords, test } from "./support/one-wallet.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { order, payButton, pinField } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";

/** The words that belong together. */
const WORDS = {
  silent: ["The shop does not answer", "try again in a few minutes"],
  wrong: ["The offer does not add up", "Tell the shop; it is a fault on its side."],
  unproven: ["The shop could not prove who it is", "Do not pay it"],
  foreign: ["This is not the shop’s own page", "Leave this page."],
  forged: ["The shop’s certificate is not genuine", "Leave this page."],
  uncertified: ["This page has no certificate", "the wallet will not pay it"],
  certificateOld: ["The shop’s certificate has expired", "The shop has to renew it"],
  over: ["This offer has run out", "Go back to the shop and choose again"],
  early: ["The dates do not fit", "Please check the clock of this computer."],
} as const;

interface World {
  readonly service: PaymentService;
  readonly shop: Shop;
  /** A good quote of the shop. */
  readonly quote: QuoteInput;
}

type Answer = Parameters<typeof badPage>[2];

interface Case {
  readonly name: string;
  readonly words: keyof typeof WORDS;
  readonly code: string;
  readonly answer: (world: World) => Answer | Promise<Answer>;
}

/** A case whose quote is the good one with other fields. */
const quoteWith = (
  name: string,
  words: keyof typeof WORDS,
  code: string,
  change: (world: World) => object | Promise<object>,
): Case => ({
  name,
  words,
  code,
  answer: async (world) => JSON.stringify({ ...world.quote, ...(await change(world)) }),
});

/** A case whose quote has a certificate that is wrong. */
const certificate = (
  name: string,
  words: keyof typeof WORDS,
  code: string,
  make: (world: World) => ReturnType<typeof certificateFor>,
): Case =>
  quoteWith(name, words, code, async (world) => ({
    merchantId: world.shop.merchantId,
    certificate: await make(world),
  }));

const line = (amount: unknown, quantity: unknown = 1) => ({
  description: "A book",
  quantity,
  amount,
});
const HOUR = 3_600;

const ANSWERS: Case[] = [
  { name: "404", words: "silent", code: "shop-unreachable", answer: () => htmlReply(404) },
  { name: "500", words: "silent", code: "shop-unreachable", answer: () => htmlReply(500) },
  {
    name: "a broken connection",
    words: "silent",
    code: "shop-unreachable",
    answer: () => "lost",
  },
  {
    name: "a redirect to the good quote",
    words: "silent",
    code: "shop-unreachable",
    answer: ({ quote, shop }) =>
      reply("", {
        status: 302,
        headers: { location: `${shop.origin}/chit/quotes/${quote.transactionNumber}` },
      }),
  },
  {
    name: "more than a quote may have",
    words: "silent",
    code: "shop-unreachable",
    answer: ({ quote }) => JSON.stringify(quote).padEnd(LIMITS.quoteBytes + 1),
  },
  {
    name: "a page of HTML",
    words: "wrong",
    code: "malformed-message",
    answer: () => htmlReply(200),
  },
  { name: "nothing", words: "wrong", code: "malformed-message", answer: () => "" },
  {
    name: "half a quote",
    words: "wrong",
    code: "malformed-message",
    answer: ({ quote }) => JSON.stringify(quote).slice(0, 500),
  },
  {
    name: "a problem of its own: the quote is gone",
    words: "over",
    code: "quote-expired",
    answer: () =>
      reply(JSON.stringify({ code: "quote-expired", detail: "Too late." }), { status: 410 }),
  },
];

const FORMS: Case[] = [
  quoteWith("an unknown field", "wrong", "malformed-message", () => ({ discount: "1" })),
  {
    name: "a __proto__ field",
    words: "wrong",
    code: "malformed-message",
    answer: ({ quote }) => JSON.stringify(quote).replace("{", '{"__proto__":{"amount":"1"},'),
  },
  {
    name: "a field twice",
    words: "wrong",
    code: "malformed-message",
    answer: ({ quote }) => JSON.stringify(quote).replace("{", '{"amount":"1",'),
  },
  quoteWith("a text that turns the reading direction", "wrong", "malformed-message", () => ({
    lines: [{ description: "Book \u202E00.0 RUE", quantity: 1, amount: "49000" }],
  })),
  quoteWith("more lines than anybody reads", "wrong", "malformed-message", () => ({
    amount: "101",
    lines: Array.from({ length: 101 }, () => line("1")),
  })),
  quoteWith("a negative total", "wrong", "malformed-message", () => ({
    amount: "-49000",
    lines: [line("-49000")],
  })),
  quoteWith("a total of nothing", "wrong", "malformed-message", () => ({
    amount: "0",
    lines: [line("0")],
  })),
  quoteWith("a fraction of the smallest unit", "wrong", "malformed-message", () => ({
    amount: "49000.5",
    lines: [line("49000.5")],
  })),
  quoteWith("an amount as a JSON number", "wrong", "malformed-message", () => ({
    amount: 49_000,
    lines: [line(49_000)],
  })),
  quoteWith("an amount beyond the ledger's range", "wrong", "malformed-message", () => ({
    amount: (LIMITS.amount + 1n).toString(),
    lines: [line((LIMITS.amount + 1n).toString())],
  })),
  quoteWith("lines that overflow together", "wrong", "quote-inconsistent", () => ({
    amount: "49000",
    lines: [line(LIMITS.amount.toString()), line(LIMITS.amount.toString()), line("49000")],
  })),
  quoteWith("lines that do not add up", "wrong", "quote-inconsistent", () => ({
    lines: [line("48999")],
  })),
  quoteWith("half a piece", "wrong", "malformed-message", () => ({ lines: [line("49000", 0.5)] })),
  quoteWith("another currency", "wrong", "quote-inconsistent", () => ({ currency: "USD" })),
  quoteWith("another scale", "wrong", "quote-inconsistent", () => ({ scale: 2 })),
  quoteWith("a life of more than a day", "wrong", "quote-inconsistent", () => ({
    expiresAt: nowSeconds() + 25 * HOUR,
  })),
];

const TIMES: Case[] = [
  quoteWith("an end that is past", "over", "quote-expired", () => ({
    issuedAt: nowSeconds() - HOUR,
    expiresAt: nowSeconds() - 2,
  })),
  quoteWith("a beginning in the future", "early", "not-yet-valid", () => ({
    issuedAt: nowSeconds() + HOUR,
    expiresAt: nowSeconds() + 2 * HOUR,
  })),
];

const CERTIFICATES: Case[] = [
  {
    name: "no certificate",
    words: "uncertified",
    code: "certificate-missing",
    answer: ({ quote: { certificate: _, ...rest } }) => JSON.stringify(rest),
  },
  quoteWith("an empty certificate", "uncertified", "certificate-missing", () => ({
    certificate: "",
  })),
  certificate("an expired certificate", "certificateOld", "certificate-expired", (world) =>
    certificateFor(world.service, world.shop, { exp: nowSeconds() - 1 }),
  ),
  certificate("a certificate of the future", "early", "not-yet-valid", (world) =>
    certificateFor(world.service, world.shop, { nbf: nowSeconds() + HOUR }),
  ),
  certificate(
    "a certificate that an unknown key signed",
    "forged",
    "certificate-invalid",
    (world) => certificateFor(world.service, world.shop, {}, nodeSigner(crypto.randomBytes(32))),
  ),
  certificate(
    "a forger's signature under the TPS's key id",
    "forged",
    "certificate-invalid",
    async (world) => {
      const genuine = await certificateFor(world.service, world.shop, {});
      const forged = await certificateFor(world.service, world.shop, { name: "Your Bank" });
      const [head, , signature] = genuine.split(".");
      return [head, forged.split(".")[1], signature].join(".");
    },
  ),
  certificate("another operator's certificate", "forged", "certificate-invalid", (world) =>
    certificateFor(world.service, world.shop, { iss: "https://tps.example" }),
  ),
  certificate("a certificate for another origin", "foreign", "origin-not-certified", (world) =>
    certificateFor(world.service, world.shop, { origins: ["https://real-shop.example"] }),
  ),
  certificate(
    "a certificate for the same host at another port",
    "foreign",
    "origin-not-certified",
    (world) => certificateFor(world.service, world.shop, { origins: ["http://shop.localhost"] }),
  ),
  certificate("a certificate in another currency", "wrong", "quote-inconsistent", (world) =>
    certificateFor(world.service, world.shop, { currency: "USD" }),
  ),
  quoteWith("a merchant other than the certificate's", "unproven", "merchant-mismatch", () => ({
    merchantId: newId(),
  })),
  quoteWith("sessions at another origin", "foreign", "origin-not-certified", () => ({
    sessionUrl: "https://thief.example/chit/session",
  })),
  quoteWith("proofs at another origin", "foreign", "origin-not-certified", () => ({
    proofUrl: "https://thief.example/chit/proof",
  })),
  quoteWith("recovery at another origin", "foreign", "origin-not-certified", () => ({
    recoveryUrl: "https://thief.example/chit/recovery",
  })),
];

test.describe.configure({ mode: "default" });
// A trace of each would cost more than the test itself.
test.use({ trace: "off" });

for (const [subject, cases] of [
  ["a quote's address that answers with", ANSWERS],
  ["a quote with", FORMS],
  ["a quote with", TIMES],
  ["a quote with", CERTIFICATES],
] as const) {
  for (const { name, words, code, answer } of cases) {
    test(`${subject} ${name}: refused with words, nothing paid`, async ({
      service,
      shop,
      shopWays,
      longWallet,
      before,
    }) => {
      const quote = await honestQuote(shop);
      const { path } = badPage(shop, shopWays, await answer({ service, shop, quote }));
      const { window } = await order(longWallet, shop, path);
      const [title, text] = WORDS[words];
      await expectWords(window, title, text);
      await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
      await expectCode(window, code);
      await expect(pinField(window)).toHaveCount(0);
      await expect(payButton(window)).toHaveCount(0);
      expect(shop.line.to("/chit/session")).toHaveLength(0);
      expect(service.line.to("/v1/payments")).toHaveLength(0);
      expect((await longWallet.shopper.ledger()).balance).toBe(before);
    });
  }
}

test("a quote through operators of whom the wallet has no account says whom the shop takes", async ({
  service,
  shop,
  shopWays,
  longWallet,
}) => {
  const quote = { ...(await honestQuote(shop)), issuers: ["https://other-bank.example"] };
  const { path } = badPage(shop, shopWays, JSON.stringify(quote));
  const { window } = await order(longWallet, shop, path);
  await expect(
    window.getByRole("listitem").filter({ hasText: "other-bank.example" }),
  ).toBeVisible();
  await expect(window.getByRole("link", { name: "Add an account" })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
  expect(service.line.to("/v1/payments")).toHaveLength(0);
});

test("text of a merchant that looks like HTML is shown as it is, and runs nowhere", async ({
  shop,
  shopWays,
  longWallet,
}) => {
  const description = '<img src=x onerror="document.title=1"><b>Book</b>';
  const quote = await honestQuote(shop);
  const lines = [{ description, quantity: 1, amount: quote.amount }];
  const { path } = badPage(shop, shopWays, JSON.stringify({ ...quote, lines }));
  const { window } = await order(longWallet, shop, path);
  await expect(window.getByText(description)).toBeVisible();
  await expect(window.locator("img[src=x], b")).toHaveCount(0);
});

test("a second pointer in the head counts for nothing: the first is the offer", async ({
  shop,
  shopWays,
  longWallet,
}) => {
  const good = await honestQuote(shop);
  const dear = { ...good, amount: "990000", lines: [line("990000")] };
  const other = badPage(shop, shopWays, JSON.stringify(dear));
  const { path } = badPage(shop, shopWays, JSON.stringify(good), (url) =>
    [pointer(url), pointer(other.quoteUrl)].join(""),
  );
  const { window } = await order(longWallet, shop, path);
  await expect(payButton(window)).toHaveText(/4\.90/);
  expect(shop.line.to(new URL(other.quoteUrl).pathname)).toHaveLength(0);
  expect(longWallet.windows()).toHaveLength(1);
});

test("an offer that runs out while its window is open can no longer be paid", async ({
  service,
  shop,
  shopWays,
  longWallet,
  before,
}) => {
  const quote = { ...(await honestQuote(shop)), expiresAt: nowSeconds() + 3 };
  const { path } = badPage(shop, shopWays, JSON.stringify(quote));
  const { window } = await order(longWallet, shop, path);
  await expect(payButton(window)).toBeVisible();
  await expectWords(window, ...WORDS.over);
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
  expect(service.line.to("/v1/payments")).toHaveLength(0);
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

test("after all of these the wallet pays a good quote", async ({ shop, longWallet }) => {
  await expectStillPays(longWallet, shop);
});
