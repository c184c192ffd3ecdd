/** Redelivery: what was bought is given again, to its buyer alone, for as long and as often as the shop says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRecoveryRequest } from "@chit/protocol";
import { nodeOpeningKey } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { type HookEvent, sqliteStore } from "../src/index.ts";
import { NOW, openShop, type ShopSetup } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { ADDRESS, crypto, newId, post, type Reply, TestWallet } from "./world.ts";

const DAY = 86_400;
const TEXT = "Call me a chit.";

async function bookShop(options: ShopSetup["options"] = {}) {
  const told: HookEvent[] = [];
  const hooks = { redelivery: (event: HookEvent) => void told.push(event) };
  const shop = await openShop(
    (app, merchant, { directory }) => {
      const file = join(directory, "book.txt");
      writeFileSync(file, TEXT);
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
      const delivery = { text: "By post" };
      app.get("/mug", merchant.sell({ name: "Mug", price: "12", kind: "physical", delivery }));
    },
    { options: { hooks, ...options } },
  );
  onTestFinished(() => shop.close());
  return { ...shop, told };
}

type BookShop = Awaited<ReturnType<typeof bookShop>>;

/** A wallet that paid for the book and has it. */
async function bought(shop: BookShop): Promise<TestWallet> {
  const wallet = await paid(shop);
  expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe(TEXT);
  return wallet;
}

async function paid(shop: BookShop): Promise<TestWallet> {
  const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
  await wallet.initiate();
  await wallet.pay();
  return wallet;
}

const refusal = ({ status, problem }: Reply) => [status, problem];
const send = (wallet: TestWallet, body: Uint8Array) =>
  post(wallet.verified.quote.recoveryUrl, body);

/** Wishes for the goods, and fetches them under the fresh session. */
async function getAgain(wallet: TestWallet): Promise<string> {
  const pending = await wallet.prepareRecovery();
  expect(await wallet.recover(pending)).toMatchObject({ answer: "redelivery" });
  const { status, body } = await wallet.sendFor(pending.key);
  expect(status).toBe(200);
  const goodsId = wallet.advice.goods[0]?.goodsId ?? "";
  return new TextDecoder().decode(await wallet.decrypt(goodsId, body, 0, pending.key));
}

describe("redelivery", () => {
  test("gives the same goods under a fresh session, also when the first one's keys have expired", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    expect(await getAgain(wallet)).toBe(TEXT);
    shop.time.now += 30 * DAY;
    expect((await wallet.sendFor()).status).toBe(200);
    shop.time.now += 1;
    expect(refusal(await wallet.sendFor())).toEqual([410, "session-expired"]);
    expect(await getAgain(wallet)).toBe(TEXT);
  });

  test("answers with where to send for the goods, and for how long", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    const pending = await wallet.prepareRecovery();
    expect(await wallet.recover(pending)).toEqual({
      answer: "redelivery",
      sendGoodsUrl: `${shop.origin}/chit/goods`,
      until: NOW + DAY,
    });
    shop.time.now += DAY;
    expect((await wallet.sendFor(pending.key)).status).toBe(200);
    shop.time.now += 1;
    expect(refusal(await wallet.sendFor(pending.key))).toEqual([410, "session-expired"]);
  });

  test("what travels opens under the fresh session alone", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    const pending = await wallet.prepareRecovery();
    await wallet.recover(pending);
    const { body } = await wallet.sendFor(pending.key);
    const goodsId = wallet.advice.goods[0]?.goodsId ?? "";
    await expect(wallet.decrypt(goodsId, body, 0)).rejects.toMatchObject({
      code: "goods-damaged",
    });
  });

  test("the identical request is one redelivery, however often and late it comes", async () => {
    const shop = await bookShop({ redelivery: { times: 2 } });
    const wallet = await bought(shop);
    const [first, second] = [await wallet.prepareRecovery(), await wallet.prepareRecovery()];
    const answer = await wallet.recover(first);
    shop.time.now += 100;
    const same = await Promise.all([1, 2, 3].map(() => wallet.recover(first)));
    expect(same).toEqual([answer, answer, answer]);
    expect(await wallet.recover(second)).toMatchObject({ answer: "redelivery" });
    // Played again, the older request neither counts nor takes the newer one's place.
    expect(await wallet.recover(first)).toEqual(answer);
    expect((await wallet.sendFor(second.key)).status).toBe(200);
    expect(shop.told.map(({ type }) => type)).toEqual(["redelivery", "redelivery"]);
    expect(new Set(shop.told.map(({ id }) => id)).size).toBe(2);
  });

  test("is refused after as many times as the shop says, also for wishes that come at once", async () => {
    const shop = await bookShop({ redelivery: { times: 2 } });
    const wallet = await bought(shop);
    const wishes = await Promise.all([1, 2, 3, 4].map(() => wallet.prepareRecovery()));
    const answers = await Promise.all(wishes.map((wish) => wallet.recover(wish)));
    expect(answers.filter(({ answer }) => answer === "redelivery")).toHaveLength(2);
    expect(answers.filter(({ answer }) => answer === "refused")).toEqual([
      { answer: "refused", reason: "too-often" },
      { answer: "refused", reason: "too-often" },
    ]);
    const refused = wishes[answers.findIndex(({ answer }) => answer === "refused")];
    expect(refusal(await wallet.sendFor(refused?.key))).toEqual([400, "authentication-failed"]);
  });

  test("is refused when the shop's time is over, and where a shop gives nothing again", async () => {
    const shop = await bookShop({ redelivery: { periodSeconds: 100 } });
    const wallet = await bought(shop);
    shop.time.now += 100;
    expect(await getAgain(wallet)).toBe(TEXT);
    shop.time.now += 1;
    const over = { answer: "refused", reason: "period-over" };
    expect(await wallet.recover(await wallet.prepareRecovery())).toEqual(over);

    const stern = await bookShop({ redelivery: false });
    const other = await bought(stern);
    const never = { answer: "refused", reason: "not-offered" };
    expect(await other.recover(await other.prepareRecovery())).toEqual(never);
  });

  test("gives what was paid and never came, whatever the terms say", async () => {
    const shop = await bookShop({ redelivery: false, goodsKeySeconds: 0 });
    const wallet = await paid(shop);
    shop.time.now += 10_000 * DAY;
    expect(await getAgain(wallet)).toBe(TEXT);
    expect(await shop.merchant.sale(wallet.subject.transactionNumber)).toMatchObject({
      state: "delivered",
    });
    expect(await wallet.recover(await wallet.prepareRecovery())).toMatchObject({
      reason: "not-offered",
    });
  });

  test("is not needed for what never came: the first session's keys live until everything was delivered", async () => {
    const shop = await bookShop({ redelivery: false, goodsKeySeconds: 0 });
    const wallet = await paid(shop);
    shop.time.now += 10_000 * DAY;
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe(TEXT);
    shop.time.now += 1;
    expect(refusal(await wallet.sendFor())).toEqual([410, "session-expired"]);
  });

  test("has nothing to send where nothing is digital", async () => {
    const shop = await bookShop();
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/mug`);
    await wallet.initiate(ADDRESS);
    await wallet.pay();
    expect(await wallet.recover(await wallet.prepareRecovery())).toEqual({
      answer: "refused",
      reason: "nothing-to-send",
    });
  });

  test("a wrong token, an unknown number, one that nobody opened and another shop look alike", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    const unopened = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    const { token } = wallet.session.key;
    const wrong = Uint8Array.from(token, (byte, index) => (index === 31 ? byte ^ 1 : byte));
    const requests = [
      await wallet.prepareRecovery(wrong),
      await wallet.prepareRecovery(token, { transactionNumber: newId() }),
      await wallet.prepareRecovery(token, { merchantId: newId() }),
      await wallet.prepareRecovery(token, {
        transactionNumber: unopened.subject.transactionNumber,
      }),
    ];
    const replies = await Promise.all(requests.map(({ body }) => send(wallet, body)));
    for (const reply of replies) {
      expect(refusal(reply)).toEqual([400, "authentication-failed"]);
      expect(reply.body).toEqual(replies[0]?.body);
    }
    expect(shop.told).toEqual([]);
  });

  test("before payment there is nothing to give again", async () => {
    const shop = await bookShop();
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    const { body } = await wallet.prepareRecovery();
    expect(refusal(await send(wallet, body))).toEqual([402, "not-paid"]);
  });

  test("garbage, a session initiation and a request for another key are refused", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    expect(refusal(await send(wallet, new Uint8Array(9)))).toEqual([400, "malformed-message"]);
    expect(refusal(await send(wallet, wallet.initiation))).toEqual([400, "malformed-message"]);
    const big = new Uint8Array(20_000);
    expect(refusal(await send(wallet, big))).toEqual([413, "message-too-large"]);
    const { keyId: kid, publicRaw: publicKey } = await nodeOpeningKey(crypto, new Uint8Array(32));
    const wish = { wish: "redelivery", token: wallet.session.key.token } as const;
    const foreign = await createRecoveryRequest(crypto, { kid, publicKey }, wallet.subject, wish);
    expect(refusal(await send(wallet, foreign.body))).toEqual([409, "sealing-key-unknown"]);
  });

  test("a changed request does not open, and its answer is for its maker alone", async () => {
    const shop = await bookShop();
    const wallet = await bought(shop);
    const pending = await wallet.prepareRecovery();
    const wire = JSON.parse(new TextDecoder().decode(pending.body));
    const plain = JSON.parse(Buffer.from(wire.plain, "base64url").toString());
    const moved = JSON.stringify({ ...plain, transactionNumber: newId() });
    const changed = JSON.stringify({ ...wire, plain: Buffer.from(moved).toString("base64url") });
    expect(refusal(await send(wallet, Buffer.from(changed)))).toEqual([
      400,
      "authentication-failed",
    ]);
    const other = await wallet.prepareRecovery();
    await wallet.recover(other);
    await expect(
      wallet.recover({ ...other, responseSecret: pending.responseSecret }),
    ).rejects.toMatchObject({ code: "authentication-failed" });
  });

  test("survives a restart of the shop between acknowledgment and send goods", async () => {
    const path = join(temporaryDirectory(), "shop.db");
    const shop = await bookShop({ store: sqliteStore(path) });
    const wallet = await bought(shop);
    const pending = await wallet.prepareRecovery();
    const answer = await wallet.recover(pending);
    const again = sqliteStore(path);
    const sale = await again.find(wallet.subject.transactionNumber);
    expect(sale).toMatchObject({
      state: "delivered",
      deliveredAt: NOW,
      redeliveries: [{ at: NOW, until: NOW + DAY, key: pending.key }],
    });
    await again.close();
    expect(await wallet.recover(pending)).toEqual(answer);
  });
});
