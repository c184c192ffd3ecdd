/**
 * Shops that fail once they are paid, in steps 7 to 10: what is paid is never lost, the wallet says so, waits,
 * and goes on when the shop behaves again; one debit.
 */
import {
  createShippingAdvice,
  decodeQuote,
  encryptGoods,
  fromBase64url,
  fromUtf8,
  GOODS_SALT_BYTES,
  type GoodsItem,
  quoteHash,
  type Session,
  type ShippingAdviceInput,
  toBase64url,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import {
  changed,
  crypto,
  flipped,
  htmlReply,
  lastSession,
  newId,
  reply,
} from "./support/forgery.ts";
import type { Fate, Interference } from "./support/line.ts";
import { expect, expectCode, expectStillPays, expectWords, test } from "./support/one-wallet.ts";
import { order, pay, saveButton, savedBytes, thanks } from "./support/purchase.ts";
import { BOOK, type Shop } from "./support/shop.ts";

const PROOF = "/chit/proof";
const GOODS = "/chit/goods";
const PRICE = 49_000n;

test.describe.configure({ mode: "default" });
test.use({ trace: "off" });

interface Case {
  readonly name: string;
  readonly way: (shop: Shop) => Interference;
}

const always = (fate: Fate) => () => async () => fate;

/** The shop does as it should, but the answer is replaced. */
const instead =
  (make: (shop: Shop) => Promise<Uint8Array>) =>
  (shop: Shop): Interference =>
  async (_exchange, pass) => {
    await pass();
    return reply(await make(shop));
  };

/** Genuine under the session's key: the shop itself is bad. */
const advising =
  (change: (advice: ShippingAdviceInput, shop: Shop) => ShippingAdviceInput) =>
  (shop: Shop): Interference =>
  async (_exchange, pass) => {
    const { advice } = JSON.parse(fromUtf8((await pass()).body)) as { advice: string };
    const genuine = JSON.parse(fromUtf8(fromBase64url(advice))) as ShippingAdviceInput;
    const { session, subject } = await purchaseUnderWay(shop);
    return reply(createShippingAdvice(session, subject, change(genuine, shop)));
  };

const ADVICES: Case[] = [
  { name: "answers the proof with an error", way: always(htmlReply(500)) },
  { name: "breaks the connection", way: always("lost") },
  { name: "answers the proof with a page of HTML", way: always(htmlReply(200)) },
  {
    name: "refuses a proof that is good",
    way: always(reply(JSON.stringify({ code: "proof-invalid", detail: "No." }), { status: 422 })),
  },
  {
    name: "sends an advice with a wrong MAC",
    way: () =>
      changed((body) => {
        const advice = JSON.parse(String(body)) as object;
        return JSON.stringify({ ...advice, mac: toBase64url(crypto.randomBytes(32)) });
      }),
  },
  {
    name: "sends an advice for another transaction of the same session",
    way: instead(async (shop) => {
      const { session, subject } = await purchaseUnderWay(shop);
      const advice = { goods: [], sendGoodsUrl: null, delivery: { text: "Tomorrow." } };
      return createShippingAdvice(session, { ...subject, transactionNumber: newId() }, advice);
    }),
  },
  {
    name: "sends for the goods at another origin",
    way: advising((advice) => ({ ...advice, sendGoodsUrl: "https://thief.example/chit/goods" })),
  },
  {
    name: "sends for goods nowhere",
    way: advising((advice) => ({ ...advice, sendGoodsUrl: null })),
  },
];

/** Properly encrypted for the session, but other bytes than the advised ones. */
const delivering =
  (change: (book: Buffer) => Buffer) =>
  (shop: Shop): Interference =>
  async () => {
    const { session, subject, item } = await purchaseUnderWay(shop);
    const pieces: Uint8Array[] = [];
    const salt = crypto.randomBytes(GOODS_SALT_BYTES);
    const goods = { ...subject, goodsId: item.goodsId };
    const source = [change(Buffer.from(BOOK))];
    for await (const piece of encryptGoods(nodeGoodsCipher, session.key, goods, source, 0, salt)) {
      pieces.push(piece);
    }
    return reply(Buffer.concat(pieces), {
      headers: { "content-type": "application/vnd.chit.goods" },
    });
  };

const DAMAGES: Case[] = [
  {
    name: "other goods than advised, of the same size",
    way: delivering((book) => flipped(book, 1_000)),
  },
  { name: "more goods than advised", way: delivering((book) => Buffer.concat([book, book])) },
  { name: "one byte too many", way: delivering((book) => Buffer.concat([book, Buffer.alloc(1)])) },
  { name: "fewer goods than advised", way: delivering((book) => book.subarray(0, 70_000)) },
  { name: "no goods at all", way: delivering(() => Buffer.alloc(0)) },
  {
    name: "a flipped bit in the first chunk",
    way: () => changed((body) => flipped(body, 290_000)),
  },
  { name: "a flipped bit in the last chunk", way: () => changed((body) => flipped(body, 5)) },
  { name: "another salt", way: () => changed((body) => flipped(body, body.length)) },
  {
    name: "goods cut at a chunk's border",
    way: () => changed((body) => body.subarray(0, 32 + 65_552)),
  },
  { name: "goods cut anywhere", way: () => changed((body) => body.subarray(0, 100_000)) },
  { name: "a page of HTML", way: always(htmlReply(200)) },
];

const ABSENCES: Case[] = [
  { name: "an error", way: always(htmlReply(500)) },
  { name: "a page that is not there", way: always(htmlReply(404)) },
  { name: "a broken connection", way: always("lost") },
  {
    name: "the start of the goods, then a broken connection",
    way: () => async (_exchange, pass) => ({ reply: await pass(), brokenAfter: 100_000 }),
  },
];

const SHOP_SILENT = [
  "You have paid. The shop has not answered yet.",
  "Your payment is safe",
] as const;
const DAMAGED = [
  "You have paid. The goods arrived damaged.",
  "the wallet did not keep it",
] as const;
const TO_COME = [
  "You have paid. Your goods are not all here yet.",
  "We go on where it stopped.",
] as const;

for (const [path, subject, cases, words, code] of [
  [PROOF, "a paid shop that", ADVICES, SHOP_SILENT, null],
  [GOODS, "a paid shop that sends", DAMAGES, DAMAGED, "goods-damaged"],
  [GOODS, "a paid shop that sends", ABSENCES, TO_COME, "waiting-for-goods"],
] as const) {
  for (const { name, way } of cases) {
    test(`${subject} ${name}: paid is said and kept; then the goods, one debit`, async ({
      service,
      shop,
      shopWays,
      longWallet,
      before,
    }) => {
      shopWays.set(path, way(shop));
      const { window } = await order(longWallet, shop, "/book");
      await pay(window, longWallet.pin);
      const [title, text] = words;
      await expectWords(window, title, text);
      if (code !== null) await expectCode(window, code);
      await expect(window.getByText(/nothing was paid|thank you/i)).toHaveCount(0);
      await expect(saveButton(window)).toHaveCount(0);
      shopWays.clear();
      await window.getByRole("button", { name: "Try now" }).click();
      await expect(thanks(window)).toBeVisible();
      expect((await savedBytes(window)).equals(BOOK)).toBe(true);
      expect(service.line.to("/v1/payments")).toHaveLength(1);
      expect((await longWallet.shopper.ledger()).balance).toBe(before - PRICE);
    });
  }
}

test("goods that come damaged again and again are not loaded for ever: the shopper decides", async ({
  shop,
  shopWays,
  longWallet,
}) => {
  shopWays.set(GOODS, delivering((book) => flipped(book, 1))(shop));
  const { window } = await order(longWallet, shop, "/book");
  await pay(window, longWallet.pin);
  await expectWords(window, ...DAMAGED);
  await expect.poll(() => shop.line.to(GOODS).length, { timeout: 15_000 }).toBe(3);
  shopWays.clear();
  await window.getByRole("button", { name: "Try now" }).click();
  await expect(thanks(window)).toBeVisible();
  expect(shop.line.to(GOODS)).toHaveLength(4);
});

test("after all of these the wallet pays a good quote", async ({ shop, longWallet }) => {
  await expectStillPays(longWallet, shop);
});

/** The purchase that passes over the shop's line, as its shop knows it. */
async function purchaseUnderWay(shop: Shop): Promise<{
  session: Session;
  subject: { merchantId: string; transactionNumber: string; quoteHash: Uint8Array };
  item: Pick<GoodsItem, "goodsId">;
}> {
  const quote = shop.line.exchanges.findLast(({ path }) => path.startsWith("/chit/quotes/"))?.reply;
  if (quote == null) throw new Error("No quote passed.");
  const { merchantId, transactionNumber } = decodeQuote(quote.body);
  const sent = shop.line.to(GOODS).at(-1)?.body;
  const goodsId = sent === undefined ? "" : (JSON.parse(fromUtf8(sent)) as GoodsItem).goodsId;
  return {
    session: await lastSession(shop),
    subject: { merchantId, transactionNumber, quoteHash: quoteHash(quote.body) },
    item: { goodsId },
  };
}
