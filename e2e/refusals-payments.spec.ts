/**
 * Answers of the TPS that are none, or are forged: the wallet neither believes them nor forgets the payment; it
 * asks with identical bytes until the true answer comes, and pays once (threats 5, 10, 14). And denials.
 */
import {
  createPaymentResponse,
  createProblem,
  createQuoteAuthentication,
  createVerdict,
  decodeQuote,
  LIMITS,
  type OpenedRequest,
  type PaymentOutcome,
  quoteHash,
  type Signer,
  utf8,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { loadKeyRing, revokeMerchant } from "@chit/tps-server";
import {
  badPage,
  certificateFor,
  changed,
  crypto,
  flipped,
  honestQuote,
  htmlReply,
  newId,
  nowSeconds,
  openedRequest,
  reply,
  sessionOf,
} from "./support/forgery.ts";
import type { Fate, Interference } from "./support/line.ts";
import { expect, expectCode, expectStillPays, expectWords, test } from "./support/one-wallet.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import { openShop } from "./support/shop.ts";

const PAYMENTS = "/v1/payments";
const PRICE = 49_000n;
const CHECKING = ["We are checking your payment", "You will not be charged twice."] as const;
const FORGED = ["The answer was not genuine", "you will not be charged twice"] as const;

test.describe.configure({ mode: "default" });
test.use({ trace: "off" });

/** Lets the TPS judge and keeps its answer from the wallet, which gets another. */
const instead =
  (make: (service: PaymentService, body: Buffer) => Fate | Promise<Fate>) =>
  (service: PaymentService): Interference =>
  async ({ body }, pass) => {
    await pass();
    return make(service, body);
  };

/** A reply to the request by somebody who has stolen the TPS's sealing key, but not its signing key. */
const sealed = (
  outcome: (request: OpenedRequest, own: Signer, tps: Signer) => Promise<PaymentOutcome>,
) =>
  instead(async (service, body) => {
    const request = await openedRequest(service, body);
    const own = nodeSigner(crypto.randomBytes(32));
    const tps = (await loadKeyRing(service.tps.deps)).signer(nowSeconds());
    const answer = await outcome(request, own, tps);
    return reply(await createPaymentResponse(crypto, request, answer, crypto.randomBytes(16)));
  });

const advance = (request: OpenedRequest) => ({
  component: crypto.randomBytes(32),
  nextCount: request.payer.count + 1,
  balance: 1n,
});

const verdict = (kind: "proof" | "denial", request: OpenedRequest, signer: Signer, change = {}) =>
  createVerdict(signer, kind, { ...request.order, ...change }, newId(), nowSeconds());

type Way = (service: PaymentService) => Interference;

const SILENCES: [string, Way][] = [
  ["503 and a problem", instead(() => problem("unavailable"))],
  ["502 and a proxy's page", instead(() => htmlReply(502))],
  ["404 and a page", instead(() => htmlReply(404))],
  ["more than a reply may have", instead(() => reply("x".repeat(LIMITS.replyBytes + 1)))],
  ["a connection that breaks", instead(() => "lost")],
  ["a problem that a proxy made up", instead(() => problem("malformed-message"))],
  ["that it lacks its key", instead(() => problem("sealing-key-unknown"))],
];

const FORGERIES: [string, Way][] = [
  ["random bytes", instead(() => reply(crypto.randomBytes(3_000)))],
  ["a page of HTML, status 200", instead(() => htmlReply(200))],
  ["nothing, status 200", instead(() => reply(""))],
  ["the wallet's own request", instead((_service, body) => reply(body))],
  ["its true answer with a bit flipped", () => changed((body) => flipped(body, 100))],
  [
    "a reply that is sealed under another key",
    instead(async (service, body) => {
      const request = await openedRequest(service, body);
      const other = { ...request, responseSecret: crypto.randomBytes(16) };
      const outcome = { outcome: "wrong-pin", attemptsLeft: 4 } as const;
      return reply(await createPaymentResponse(crypto, other, outcome, crypto.randomBytes(16)));
    }),
  ],
  [
    "a proof that another key signed",
    sealed(async (request, own) => ({
      outcome: "paid",
      ...advance(request),
      proof: await verdict("proof", request, own),
    })),
  ],
  [
    "a denial that another key signed",
    sealed(async (request, own) => ({
      outcome: "denied",
      ...advance(request),
      reason: "insufficient-funds",
      denial: await verdict("denial", request, own),
    })),
  ],
  [
    "the TPS's own proof for another quote",
    sealed(async (request, _own, tps) => ({
      outcome: "paid",
      ...advance(request),
      proof: await verdict("proof", request, tps, { quoteHash: crypto.randomBytes(32) }),
    })),
  ],
  [
    "the TPS's own proof for another amount",
    sealed(async (request, _own, tps) => ({
      outcome: "paid",
      ...advance(request),
      proof: await verdict("proof", request, tps, { amount: 1n }),
    })),
  ],
  [
    "a denial in the place of the proof",
    sealed(async (request, _own, tps) => ({
      outcome: "paid",
      ...advance(request),
      proof: await verdict("denial", request, tps),
    })),
  ],
];

for (const [subject, cases, words, code] of [
  ["the TPS seems to answer with", SILENCES, CHECKING, null],
  ["threat 10: the TPS seems to answer with", FORGERIES, FORGED, "issuer-answer-forged"],
] as const) {
  for (const [name, way] of cases) {
    test(`${subject} ${name}: it stays checking, then is paid once`, async ({
      service,
      shop,
      tpsWays,
      longWallet,
      before,
    }) => {
      tpsWays.set(PAYMENTS, way(service));
      const { window } = await order(longWallet, shop, "/book");
      await pay(window, longWallet.pin);
      const [title, text] = words;
      await expectWords(window, title, text);
      if (code !== null) await expectCode(window, code);
      await expect(window.getByText(/nothing was paid|thank you/i)).toHaveCount(0);
      expect(shop.line.to("/chit/proof")).toHaveLength(0);
      // The true answer comes through.
      tpsWays.clear();
      await window.getByRole("button", { name: "Try now" }).click();
      await expect(thanks(window)).toBeVisible();
      const requests = service.line.to(PAYMENTS);
      expect(requests.length).toBeGreaterThan(1);
      expect(new Set(requests.map(({ body }) => body.toString("base64")))).toHaveProperty(
        "size",
        1,
      );
      expect((await longWallet.shopper.ledger()).balance).toBe(before - PRICE);
    });
  }
}

test("threat 10: the TPS's reply to an earlier purchase, played again: not believed, then paid once", async ({
  service,
  shop,
  tpsWays,
  longWallet,
  before,
}) => {
  await expectStillPays(longWallet, shop);
  const earlier = service.line.to(PAYMENTS).at(-1)?.reply;
  if (earlier == null) throw new Error("The first purchase left no reply.");
  tpsWays.set(PAYMENTS, async () => earlier);
  const { window } = await order(longWallet, shop, "/book");
  await pay(window, longWallet.pin);
  await expectWords(window, ...FORGED);
  tpsWays.clear();
  await window.getByRole("button", { name: "Try now" }).click();
  await expect(thanks(window)).toBeVisible();
  expect((await longWallet.shopper.ledger()).balance).toBe(before - PRICE - 5n);
});

test("a merchant revoked between offer and payment is denied with words; nothing paid, the next one is", async ({
  service,
  shop,
  longWallet,
  before,
}) => {
  const rogue = await openShop(service.tps, { name: "Rogue & Sons" });
  const { window } = await order(longWallet, rogue, "/book");
  await revokeMerchant(service.tps.deps, rogue.merchantId);
  await pay(window, longWallet.pin);
  await expectWords(window, "This shop may no longer be paid", "ask it why");
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  await expectCode(window, "merchant-revoked");
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
  await expectStillPays(longWallet, shop);
  await rogue.close();
});

test("a merchant whom the TPS does not know is denied with words; nothing paid", async ({
  service,
  shop,
  shopWays,
  longWallet,
  before,
}) => {
  const merchantId = newId();
  const certificate = await certificateFor(service, shop, { merchantId });
  const quote = utf8(JSON.stringify({ ...(await honestQuote(shop)), merchantId, certificate }));
  const { path } = badPage(shop, shopWays, quote);
  // The quote is the forger's own: so he authenticates it himself.
  shopWays.set("/chit/session", async ({ body }) => {
    const subject = { ...decodeQuote(quote), quoteHash: quoteHash(quote) };
    return reply(createQuoteAuthentication(await sessionOf(shop, body), subject));
  });
  const { window } = await order(longWallet, shop, path);
  await pay(window, longWallet.pin);
  await expectWords(window, "Your operator does not know this shop", "sort this out");
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

test("after all of these the wallet pays a good quote", async ({ shop, longWallet }) => {
  await expectStillPays(longWallet, shop);
});

function problem(code: Parameters<typeof createProblem>[0]): Fate {
  const made = createProblem(code, "Somebody says so.");
  return reply(JSON.stringify(made), {
    status: made.status,
    headers: { "content-type": "application/problem+json" },
  });
}
