/** Steps 3, 7 and 9 with everything that may go wrong, over HTTP. */
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createVerdict, toBase64url, verifyShippingAdvice } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { openShop, type ShopSetup } from "./shop.ts";
import { ADDRESS, crypto, newId, post, type Reply, TestIssuer, TestWallet } from "./world.ts";

async function bookShop(setup: ShopSetup = {}) {
  const shop = await openShop((app, merchant, { directory }) => {
    writeFileSync(join(directory, "book.bin"), Buffer.alloc(200_000, 7));
    app.use(merchant.router());
    const file = join(directory, "book.bin");
    app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
    app.get(
      "/mug",
      merchant.sell({
        name: "Mug",
        price: "12",
        kind: "physical",
        delivery: { text: "By post", expectedFrom: new Date(1_800_100_000_000) },
      }),
    );
  }, setup);
  onTestFinished(() => shop.close());
  const visit = (path = "/book") => TestWallet.visit(shop.issuer, shop.origin + path);
  return { ...shop, visit };
}

const refusal = ({ status, problem }: Reply) => [status, problem];

describe("a quote", () => {
  test("carries a salt of its own: two of the same offer have unrelated hashes", async () => {
    const shop = await bookShop();
    const [one, two] = [await shop.visit(), await shop.visit()];
    const [first, second] = [one.verified.quote.salt, two.verified.quote.salt];
    expect(first).toHaveLength(16);
    expect(second).not.toEqual(first);
    expect(first).not.toEqual(new Uint8Array(16));
    expect(two.verified.hash).not.toEqual(one.verified.hash);
    expect(toBase64url(first)).not.toBe(one.subject.transactionNumber);
  });
});

describe("session initiation", () => {
  test("the same bytes get the same answer, also after the quote expired", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const body = await wallet.prepareSession();
    const first = await post(wallet.verified.quote.sessionUrl, body);
    shop.time.now += 100_000;
    const second = await post(wallet.verified.quote.sessionUrl, body);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  test("a number binds to the first session", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const other = await TestWallet.open(
      shop.issuer,
      `${shop.origin}/chit/quotes/${wallet.subject.transactionNumber}`,
      shop.origin,
    );
    await wallet.initiate();
    const taken = await post(other.verified.quote.sessionUrl, await other.prepareSession());
    expect(refusal(taken)).toEqual([409, "session-taken"]);
  });

  test("of two at once exactly one is taken in", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const bodies = [await wallet.prepareSession(), await wallet.prepareSession()];
    const replies = await Promise.all(
      bodies.map((body) => post(wallet.verified.quote.sessionUrl, body)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("refuses an expired quote, an unknown number, another quote and garbage", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const url = wallet.verified.quote.sessionUrl;
    const { hash } = wallet.verified;
    hash[0] = (hash[0] ?? 0) ^ 1;
    expect(refusal(await post(url, await wallet.prepareSession()))).toEqual([
      409,
      "quote-mismatch",
    ]);
    hash[0] = (hash[0] ?? 0) ^ 1;
    shop.time.now += 901;
    expect(refusal(await post(url, await wallet.prepareSession()))).toEqual([410, "quote-expired"]);
    Object.assign(wallet.verified.quote, { transactionNumber: newId() });
    expect(refusal(await post(url, await wallet.prepareSession()))).toEqual([
      404,
      "transaction-unknown",
    ]);
    expect(refusal(await post(url, Uint8Array.of(1, 2)))).toEqual([400, "malformed-message"]);
    expect(refusal(await post(url, new Uint8Array(20_000)))).toEqual([413, "message-too-large"]);
  });

  test("a changed ciphertext does not open", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const text = new TextDecoder().decode(await wallet.prepareSession());
    const message = JSON.parse(text) as Record<string, string>;
    const [field] = Object.entries(message).filter(([, value]) => String(value).length > 1_000);
    if (field === undefined) throw new Error("No sealed part.");
    const [name, value] = field;
    message[name] = (value.startsWith("A") ? "B" : "A") + value.slice(1);
    const changed = new TextEncoder().encode(JSON.stringify(message));
    const reply = await post(wallet.verified.quote.sessionUrl, changed);
    expect(refusal(reply)).toEqual([400, "authentication-failed"]);
  });

  test("an address is there exactly if it is needed", async () => {
    const shop = await bookShop();
    const mug = await shop.visit("/mug");
    const without = await post(mug.verified.quote.sessionUrl, await mug.prepareSession());
    expect(refusal(without)).toEqual([422, "address-required"]);
    const book = await shop.visit("/book");
    const unwanted = await post(book.verified.quote.sessionUrl, await book.prepareSession(ADDRESS));
    expect(refusal(unwanted)).toEqual([422, "address-unwanted"]);
    await mug.initiate(ADDRESS);
    const advice = await mug.pay();
    expect(advice).toEqual({
      goods: [],
      sendGoodsUrl: null,
      delivery: { text: "By post", expectedFrom: 1_800_100_000 },
    });
  });
});

describe("proof-of-payment", () => {
  test("threat 15: the same and another proof get the same advice; the second payment is on record", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const proof = await wallet.verdict();
    const first = await wallet.forward(proof);
    const again = await wallet.forward(proof);
    const other = await wallet.forward(await wallet.verdict());
    expect(again.body).toEqual(first.body);
    expect(other.body).toEqual(first.body);
    const sale = await shop.merchant.sale(wallet.subject.transactionNumber);
    expect(sale?.payments).toHaveLength(2);
    expect(await shop.merchant.sales({ paidTwice: true })).toHaveLength(1);
  });

  test("counts after the quote expired: what was paid is delivered", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    shop.time.now += 10 * 86_400;
    await wallet.pay();
    expect(await wallet.fetchGoods()).toHaveLength(200_000);
  });

  test.each([
    ["another amount", { amount: 1n }, [409, "proof-mismatch"]],
    ["another currency", { currency: "USD" }, [409, "proof-mismatch"]],
    ["another merchant", { merchantId: newId() }, [409, "proof-mismatch"]],
    ["another quote", { quoteHash: crypto.randomBytes(32) }, [409, "proof-mismatch"]],
    [
      "an unknown number of another merchant",
      { transactionNumber: newId(), merchantId: newId() },
      [404, "transaction-unknown"],
    ],
    ["another issuer", { issuer: "https://evil.example" }, [409, "proof-mismatch"]],
  ])("threat 14: a proof for %s is refused", async (_name, changes, expected) => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const reply = await wallet.forward(await wallet.verdict("proof", changes));
    expect(refusal(reply)).toEqual(expected);
    expect((await shop.merchant.sale(wallet.subject.transactionNumber))?.state).toBe(
      "authenticated",
    );
  });

  test("dated back before the quote is refused: a stolen key that was replaced pays for no new quote", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const { issuedAt, issuers } = wallet.verified.quote;
    const order = { ...wallet.subject, issuer: issuers[0] ?? "" };
    const dated = (iat: number) =>
      createVerdict(shop.issuer.signer, "proof", order, newId(), iat).then((proof) =>
        wallet.forward(proof),
      );
    expect(refusal(await dated(issuedAt - 86_401))).toEqual([409, "proof-mismatch"]);
    // The clocks of TPS and shop may differ.
    expect((await dated(issuedAt - 3_600)).status).toBe(200);
  });

  test("threat 14: a proof with a changed signature, or a denial in its place, is refused", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const proof = await wallet.verdict();
    const at = proof.length - 40;
    const changed = proof.slice(0, at) + (proof[at] === "A" ? "B" : "A") + proof.slice(at + 1);
    expect(refusal(await wallet.forward(changed))).toEqual([422, "proof-invalid"]);
    const denial = await wallet.verdict("denial");
    expect(refusal(await wallet.forward(denial))).toEqual([422, "proof-invalid"]);
  });

  test("a denial is noted and closes nothing", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const reply = await wallet.forward(await wallet.verdict("denial"), "denial");
    expect(reply.status).toBe(204);
    await wallet.pay();
    expect(await wallet.fetchGoods()).toHaveLength(200_000);
  });

  test("under a new signing key needs the forwarded key list, once", async () => {
    const shop = await bookShop();
    const { issuer } = shop;
    const wallet = await shop.visit();
    await wallet.initiate();
    const old = issuer.signer;
    issuer.signer = nodeSigner(crypto.randomBytes(32));
    issuer.sequence = 2;
    const proof = await wallet.verdict();
    expect(refusal(await wallet.forward(proof))).toEqual([409, "signing-key-unknown"]);
    const forged = new TestIssuer(issuer.now);
    forged.sequence = 9;
    const forgedList = await forged.keyList([issuer.signer]);
    expect(refusal(await wallet.forward(proof, "proof", forgedList))).toEqual([
      409,
      "signing-key-unknown",
    ]);
    const list = await issuer.keyList([old, issuer.signer]);
    expect((await wallet.forward(proof, "proof", list)).status).toBe(200);
    expect((await wallet.forward(await wallet.verdict())).status).toBe(200);
    issuer.sequence = 1;
    const olderList = await issuer.keyList([old]);
    expect((await wallet.forward(proof, "proof", olderList)).status).toBe(200);
  });

  test("with an own key list that ran out is taken with a newer one", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const proof = await wallet.verdict();
    shop.time.now += 2 * 31_536_000;
    expect(refusal(await wallet.forward(proof))).toEqual([409, "signing-key-unknown"]);
    shop.issuer.sequence = 2;
    const fresh = await shop.issuer.keyList(undefined, shop.time.now + 1_000);
    expect((await wallet.forward(proof, "proof", fresh)).status).toBe(200);
  });
});

describe("send goods", () => {
  async function paidWallet() {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    await wallet.pay();
    const [item] = wallet.advice.goods;
    if (item === undefined) throw new Error("No goods.");
    const url = `${shop.origin}/chit/goods`;
    return { shop, wallet, item, url, file: join(shop.directory, "book.bin") };
  }

  test("resumes at any chunk, with a fresh salt and the length told", async () => {
    const { wallet, item, url } = await paidWallet();
    for (const firstChunk of [0, 1, 3]) {
      const reply = await post(url, wallet.sendGoods(item.goodsId, firstChunk));
      expect(reply.headers.get("content-length")).toBe(String(reply.body.length));
      expect(reply.headers.get("access-control-expose-headers")).toContain("content-length");
      const clear = await wallet.decrypt(item.goodsId, reply.body, firstChunk);
      expect(clear).toEqual(new Uint8Array(200_000 - firstChunk * 65_536).fill(7));
    }
    const [one, two] = [
      await post(url, wallet.sendGoods(item.goodsId)),
      await post(url, wallet.sendGoods(item.goodsId)),
    ];
    expect(toBase64url(one.body.slice(0, 32))).not.toBe(toBase64url(two.body.slice(0, 32)));
  });

  test("from anybody else, for other goods, or behind the end is refused", async () => {
    const { wallet, item, url, shop } = await paidWallet();
    const other = await shop.visit();
    await other.initiate();
    await other.pay();
    const key = wallet.session;
    wallet.session = other.session;
    expect(refusal(await post(url, wallet.sendGoods(item.goodsId)))).toEqual([
      400,
      "authentication-failed",
    ]);
    wallet.session = key;
    expect(refusal(await post(url, wallet.sendGoods(newId())))).toEqual([404, "goods-unknown"]);
    expect(refusal(await post(url, wallet.sendGoods(item.goodsId, 4)))).toEqual([
      404,
      "goods-unknown",
    ]);
  });

  test("before payment is refused", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.prepareSession();
    const url = `${shop.origin}/chit/goods`;
    expect(refusal(await post(url, wallet.sendGoods(newId())))).toEqual([409, "session-missing"]);
    await wallet.initiate();
    expect(refusal(await post(url, wallet.sendGoods(newId())))).toEqual([402, "not-paid"]);
  });

  test("a file that changed is not sent; one that was only touched is", async () => {
    const { wallet, item, url, file } = await paidWallet();
    utimesSync(file, 1, 1);
    expect((await post(url, wallet.sendGoods(item.goodsId))).status).toBe(200);
    writeFileSync(file, Buffer.alloc(200_000, 8));
    expect(refusal(await post(url, wallet.sendGoods(item.goodsId)))).toEqual([
      409,
      "goods-changed",
    ]);
    rmSync(file);
    expect(refusal(await post(url, wallet.sendGoods(item.goodsId)))).toEqual([
      503,
      "goods-unavailable",
    ]);
    writeFileSync(file, Buffer.alloc(200_000, 7));
    expect((await post(url, wallet.sendGoods(item.goodsId))).status).toBe(200);
  });

  test("broken off by the client leaves the sale paid and the goods to be had", async () => {
    const { wallet, item, url, shop } = await paidWallet();
    const abort = new AbortController();
    const body = Uint8Array.from(wallet.sendGoods(item.goodsId));
    const response = await fetch(url, { method: "POST", body, signal: abort.signal });
    expect(response.status).toBe(200);
    abort.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await wallet.fetchGoods()).toHaveLength(200_000);
    expect((await shop.merchant.sale(wallet.subject.transactionNumber))?.state).toBe("delivered");
  });
});

test("the advice verifies only under the session that it is for", async () => {
  const shop = await bookShop();
  const wallet = await shop.visit();
  await wallet.initiate();
  const reply = await wallet.forward(await wallet.verdict());
  const other = await shop.visit();
  await other.initiate();
  expect(() => verifyShippingAdvice(other.session, wallet.subject, reply.body)).toThrow(
    expect.objectContaining({ code: "authentication-failed" }),
  );
});
