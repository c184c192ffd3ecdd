/** Someone else pays: what a link shows, who gets a receipt and who the advice, and how the initiator learns of it. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { decodeProofReceipt, fromBase64url, payerLink, verifyRefundOrder } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type HookEvent, sqliteStore } from "../src/index.ts";
import { openShop } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { ADDRESS, call, crypto, type Reply, TestWallet } from "./world.ts";

const TEXT = "Call me a chit.";

async function giftShop() {
  const told: HookEvent[] = [];
  const tell = (event: HookEvent) => void told.push(event);
  const store = sqliteStore(join(temporaryDirectory(), "shop.db"));
  const hooks = { paid: tell, duplicatePayment: tell, denied: tell, goodsSent: tell };
  const shop = await openShop(
    (app, merchant, { directory }) => {
      const file = join(directory, "book.txt");
      writeFileSync(file, TEXT);
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The <book>", price: "4.90", file }));
      const delivery = { text: "By canary post", trackingUrl: "https://canary.example/track" };
      app.get("/mug", merchant.sell({ name: "Mug", price: "12", kind: "physical", delivery }));
    },
    { options: { store, hooks } },
  );
  onTestFinished(() => shop.close());
  /** A wallet that initiated a session, and its link. */
  const shared = async (path = "/book") => {
    const wallet = await TestWallet.visit(shop.issuer, shop.origin + path);
    await wallet.initiate(path === "/mug" ? ADDRESS : null);
    const { quote } = wallet.verified;
    return { wallet, link: payerLink(wallet.session, wallet.subject, quote.payerUrl ?? "") };
  };
  return { ...shop, store, told, shared };
}

const text = ({ body }: Reply) => new TextDecoder().decode(body);
const refusal = ({ status, problem }: Reply) => [status, problem];
const visit = (link: string, language = "en") =>
  call(link, { headers: { accept: "text/html", "accept-language": language } });

describe("the page of a link", () => {
  test("says what it is and what it costs, in the reader's language, and points at the quote", async () => {
    const shop = await giftShop();
    const { wallet, link } = await shop.shared();
    const page = await visit(link);
    expect(page.status).toBe(200);
    expect(page.headers.get("link")).toBe(`<${link}/quote>; rel="payer-quote"`);
    expect(text(page)).toContain(`<link rel="payer-quote" href="${link}/quote">`);
    expect(text(page)).not.toContain("payment-quote");
    expect(text(page)).toContain("The &#60;book&#62;");
    expect(text(page)).toContain("€4.90");
    expect(text(page)).toContain("Somebody asks you to pay this");
    expect(text(await visit(link, "de-AT"))).toContain("Jemand bittet Sie");
    expect((await call(`${link}/quote`)).body).toEqual(wallet.quoteBody);
  });

  test("is told to no log, also when its reader goes away before the answer", async () => {
    const gone = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const kept = sqliteStore(join(temporaryDirectory(), "shop.db"));
    let waits = false;
    const store = {
      ...kept,
      find: async (number: string) => {
        if (waits) {
          reached.resolve();
          await gone.promise;
        }
        return kept.find(number);
      },
    };
    const shop = await openShop(
      (app, merchant, { directory }) => {
        const file = join(directory, "book.txt");
        writeFileSync(file, TEXT);
        app.use((_request, response, next) => {
          if (waits) response.once("close", () => gone.resolve());
          next();
        });
        app.use(merchant.router());
        app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
      },
      { options: { store } },
    );
    onTestFinished(() => shop.close());
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    const { payerUrl = "" } = wallet.verified.quote;
    const link = payerLink(wallet.session, wallet.subject, payerUrl);
    await wallet.pay();
    waits = true;
    const asking = request(`${link}/quote`).on("error", () => undefined);
    asking.end();
    await reached.promise;
    asking.destroy();
    await expect.poll(() => shop.logger.text).toContain("An answer broke off.");
    expect(shop.logger.text).not.toContain(link.split("/").at(-1));
  });

  test("is told to no cache and to no other site", async () => {
    const { link } = await (await giftShop()).shared();
    const { headers } = await visit(link);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("is shown to nobody who has the number alone, as the TPS has it", async () => {
    const shop = await giftShop();
    const { wallet, link } = await shop.shared();
    const other = await shop.shared();
    const { payerUrl = "", transactionNumber } = wallet.verified.quote;
    const key = other.link.split("/").at(-1);
    for (const path of [`${payerUrl}/${transactionNumber}`, `${payerUrl}/${key}`, `${link}A`]) {
      expect((await visit(path)).status).toBe(404);
      expect(text(await visit(path))).not.toContain("book");
      expect(refusal(await call(`${path}/quote`))).toEqual([404, "transaction-unknown"]);
    }
  });

  test("shows neither address nor delivery", async () => {
    const { link } = await (await giftShop()).shared("/mug");
    const page = text(await visit(link));
    for (const secret of ["Canary", "canary", ADDRESS.name]) expect(page).not.toContain(secret);
  });

  test("says so when somebody has paid, and points at nothing any more", async () => {
    const shop = await giftShop();
    const { wallet, link } = await shop.shared();
    await wallet.forwardAsPayer(await wallet.verdict());
    const page = await visit(link);
    expect(page.headers.get("link")).toBeNull();
    expect(text(page)).toContain("This is paid already");
    expect(text(page)).not.toContain("payer-quote");
    expect(refusal(await call(`${link}/quote`))).toEqual([409, "already-paid"]);
  });

  test("says so when the quote expired, when the initiator called it off, and when the shop cancelled", async () => {
    const shop = await giftShop();
    const off = await shop.shared();
    expect(await off.wallet.wish({ wish: "call-off" })).toEqual({ answer: "payment", proof: null });
    expect(refusal(await call(`${off.link}/quote`))).toEqual([410, "payer-link-closed"]);
    expect(text(await visit(off.link))).toContain("This was called off");

    const cancelled = await shop.shared();
    await shop.merchant.cancel(cancelled.wallet.verified.quote.transactionNumber);
    expect(refusal(await call(`${cancelled.link}/quote`))).toEqual([410, "payer-link-closed"]);

    const late = await shop.shared();
    shop.time.now = late.wallet.verified.quote.expiresAt + 1;
    expect(refusal(await call(`${late.link}/quote`))).toEqual([410, "quote-expired"]);
    expect(text(await visit(late.link))).toContain("This link has run out");
    expect((await visit(late.link)).status).toBe(410);
  });
});

describe("a proof that somebody else forwards", () => {
  test("gets a receipt, the same bytes again, and nothing of goods or delivery", async () => {
    const shop = await giftShop();
    const { wallet } = await shop.shared("/mug");
    const proof = await wallet.verdict();
    const reply = await wallet.forwardAsPayer(proof);
    expect(reply.status).toBe(200);
    expect(text(reply)).not.toContain("canary");
    const { transactionNumber } = wallet.verified.quote;
    expect(decodeProofReceipt(reply.body)).toMatchObject({ transactionNumber, first: true });
    expect((await wallet.forwardAsPayer(proof)).body).toEqual(reply.body);
    await vi.waitFor(() => expect(shop.told.map(({ type }) => type)).toEqual(["paid"]));
  });

  test("is kept, and gets no advice, when somebody claims to be the initiator", async () => {
    const shop = await giftShop();
    const { wallet } = await shop.shared();
    const other = await shop.shared();
    const proof = await wallet.verdict();
    const { session } = wallet;
    wallet.session = other.wallet.session;
    expect(refusal(await wallet.forward(proof))).toEqual([400, "authentication-failed"]);
    wallet.session = session;
    expect((await shop.merchant.sale(wallet.verified.quote.transactionNumber))?.state).toBe("paid");
    expect((await wallet.forward(proof)).status).toBe(200);
  });

  test("is told to the initiator, who shows the token, and gets the goods with it", async () => {
    const shop = await giftShop();
    const { wallet } = await shop.shared();
    const asked = { wish: "payment" } as const;
    expect(await wallet.wish(asked)).toEqual({ answer: "payment", proof: null });
    const proof = await wallet.verdict();
    await wallet.forwardAsPayer(proof);
    expect(await wallet.wish(asked)).toEqual({ answer: "payment", proof });
    await wallet.takeAdvice(await wallet.forward(proof));
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe(TEXT);
  });

  test("counts also when the link was called off while it was under way", async () => {
    const shop = await giftShop();
    const { wallet } = await shop.shared();
    const proof = await wallet.verdict();
    const asked = { wish: "call-off" } as const;
    await wallet.wish(asked);
    expect(decodeProofReceipt((await wallet.forwardAsPayer(proof)).body).first).toBe(true);
    expect(await wallet.wish(asked)).toEqual({ answer: "payment", proof });
  });

  test("a denial leaves the number open for others", async () => {
    const shop = await giftShop();
    const { wallet, link } = await shop.shared();
    expect((await wallet.forward(await wallet.verdict("denial"), "denial")).status).toBe(204);
    expect((await call(`${link}/quote`)).status).toBe(200);
    const proof = await wallet.verdict();
    expect(decodeProofReceipt((await wallet.forwardAsPayer(proof)).body).first).toBe(true);
    await vi.waitFor(() => {
      expect(shop.told.map(({ type }) => type)).toEqual(["denied", "paid"]);
    });
  });
});

test("threat 15: two payers pay one quote: one delivery, and the refund order is for both payments", async () => {
  const shop = await giftShop();
  const { wallet } = await shop.shared();
  const proofs = [await wallet.verdict(), await wallet.verdict()];
  const receipts = await Promise.all(proofs.map((proof) => wallet.forwardAsPayer(proof)));
  const first = receipts.map(({ body }) => decodeProofReceipt(body).first);
  expect(first.sort()).toEqual([false, true]);

  // Whichever the initiator forwards: the same advice, byte for byte.
  const [one, other] = [
    await wallet.forward(proofs[0] ?? ""),
    await wallet.forward(proofs[1] ?? ""),
  ];
  expect(one?.body).toEqual(other?.body);
  wallet.takeAdvice(one as Reply);
  await wallet.fetchGoods();
  const types = () => shop.told.map(({ type }) => type).sort();
  await vi.waitFor(() => expect(types()).toEqual(["duplicatePayment", "goodsSent", "paid"]));

  const { transactionNumber, amount } = wallet.verified.quote;
  const sale = await shop.merchant.refund(transactionNumber);
  expect(sale.payments).toHaveLength(2);
  // One order, for the number and not for a payment: the TPS brings every payment of it back (docs/PROTOCOL.md).
  const { publicKey } = nodeSigner(fromBase64url(shop.files.keys.signingKey));
  const orders = await shop.store.orders(transactionNumber);
  expect(
    orders.map(({ document }) => verifyRefundOrder(crypto, publicKey, document)),
  ).toMatchObject([{ transactionNumber, refunded: amount, of: amount }]);
});
