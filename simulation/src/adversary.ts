/** Those who mean harm: they see every message, and have accounts and wallets of their own. */
import { commit } from "@chit/extension/core";
import {
  createRequestForPayment,
  currentSealingKey,
  decodeQuote,
  INITIAL_MODIFIER,
  modifyPin,
  openPaymentResponse,
  PAYMENTS_PATH,
  verifyKeyList,
} from "@chit/protocol";
import { nodeCrypto, nodeSigner } from "@chit/protocol/node";
import type { Letter } from "./post.ts";
import { type Computer, type Stage, start } from "./stage.ts";
import { ISSUER } from "./tps.ts";

/** Of the messages that were read along, so many of the last are sent again. */
const REMEMBERED = 30;

/** Sends an old message again, to where it went or to the other shop. */
export async function replay(stage: Stage, pick: number, elsewhere: boolean): Promise<void> {
  const sent = stage.post.letters.filter(({ method }) => method === "POST").slice(-REMEMBERED);
  const letter = sent[pick % Math.max(1, sent.length)];
  if (letter === undefined) return;
  if (!elsewhere || letter.url.startsWith(ISSUER)) {
    await again(stage, letter);
    return;
  }
  const other = stage.shops.find(({ origin }) => !letter.url.startsWith(origin));
  if (other === undefined) return;
  const url = other.origin + new URL(letter.url).pathname;
  const { status } = await stage.post.deliver({ ...letter, url, answer: undefined });
  if (status >= 400) return;
  stage.book.surprises.push(`${other.origin} took a message that was meant for ${letter.url}.`);
}

/** The identical bytes have the identical answer, once they were answered well (a proof, say). */
async function again(stage: Stage, letter: Letter): Promise<void> {
  const first = letter.answer;
  const { status, body } = await stage.post.deliver(letter);
  const isProof = new URL(letter.url).pathname.endsWith("/proof");
  if (!isProof || first?.status !== 200 || status !== 200) return;
  if (Buffer.compare(first.body, body) === 0) return;
  stage.book.surprises.push("A proof that was forwarded again got another shipping advice.");
}

/** Somebody who knows account and device, and not its key, tries a PIN. */
export async function forge(stage: Stage, { accountId, deviceId }: Computer): Promise<void> {
  const { tps, shops, time, bytes } = stage;
  const crypto = nodeCrypto(bytes);
  const list = verifyKeyList(crypto, tps.keys.rootKey, tps.keys.keyList, time.now);
  const request = await createRequestForPayment(
    crypto,
    currentSealingKey(list, time.now),
    {
      issuer: ISSUER,
      merchantId: shops[0]?.merchantId ?? "",
      transactionNumber: Buffer.from(bytes(16)).toString("base64url"),
      amount: 100n,
      currency: "EUR",
      scale: 4,
      quoteHash: bytes(32),
    },
    { accountId, deviceId, count: bytes(1).at(0) ?? 0, pinGeneration: 1 },
    modifyPin("123456", INITIAL_MODIFIER),
    nodeSigner(bytes(32)).sign,
  );
  const url = `${ISSUER}${PAYMENTS_PATH}`;
  const letter = { url, method: "POST", body: request.body, late: false, answer: undefined };
  const { body } = await stage.post.deliver(letter);
  const { outcome } = await openPaymentResponse(crypto, request, body);
  if (outcome === "refused") return;
  stage.book.surprises.push(`A request without the device's signature was told ${outcome}.`);
}

/** Mallory pays, with a wallet that asks the shop for nothing, a quote that another shopper was given. */
export async function intrude(stage: Stage, pick: number): Promise<void> {
  const mallory = stage.computers.find(({ role }) => role === "mallory");
  const urls = stage.post.letters.map(({ url }) => url).filter((url) => url.includes("/quotes/"));
  const quoteUrl = urls[pick % Math.max(1, urls.length)];
  if (mallory === undefined || quoteUrl === undefined) return;
  const { effects, book } = stage;
  const life = await start(stage, mallory);
  const pageOrigin = new URL(quoteUrl).origin;
  const taken = await effects.undisturbed(() =>
    life.wallet.takeQuote({ quoteUrl, pageOrigin, tabId: 1 }),
  );
  const pin = book.pins.get(mallory.deviceId);
  if (taken.kind !== "offered" || pin === undefined) return;
  const { purchaseId, quote } = taken.purchase;
  const from = effects.nextNumber;
  const { accountKey } = mallory;
  await effects.undisturbed(() =>
    life.wallet
      .pay({ purchaseId, accountKey, pin, address: null, recognise: false })
      .catch(() => undefined),
  );
  mallory.typed.set(purchaseId, new Set([pin]));
  book.confirm(mallory.deviceId, decodeQuote(quote).transactionNumber, mallory.name, pin);
  // Her session is never initiated at the shop: the number is bound to the other shopper's.
  const initiation = effects.waiting.find(
    ({ number, name }) => number >= from && name.endsWith("/session"),
  );
  const begun = await life.deps.store.purchase(purchaseId);
  if (initiation === undefined || begun === undefined) return;
  await effects.undisturbed(() => commit(life.deps, begun, { type: "quote-authenticated" }));
  await effects.release(initiation, "lost-request");
  life.wallet.runner.poke(purchaseId, pin);
  await effects.settle();
}
