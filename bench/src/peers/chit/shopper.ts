/** A shopper with the wallet's core, who types the PIN as fast as the page is there. */
import { activate, isConfirmable } from "@chit/extension/core";
import { answerOrders } from "../programs.ts";
import { createShopper } from "../shopper.ts";
import type { ChitShopper } from "./orders.ts";
import { openWallet } from "./wallet.ts";

let told = { articleUrl: "", issuer: "", tpsOrigin: "", pin: "" };
let accountKey = "";
const { deps, wallet, completed } = await openWallet((url, init) =>
  fetch(url.startsWith(told.issuer) ? told.tpsOrigin + url.slice(told.issuer.length) : url, init),
);

/** Asks for the page, pays what it points at, and reads what came. */
async function buyOne(): Promise<string> {
  const page = await fetch(told.articleUrl, { headers: { accept: "text/html" } });
  await page.text();
  const quoteUrl = /<([^>]+)>; rel="payment-quote"/.exec(page.headers.get("link") ?? "")?.[1];
  if (quoteUrl === undefined) throw new Error(`${page.status}: the page sells nothing.`);
  const pageOrigin = new URL(told.articleUrl).origin;
  const taken = await wallet.takeQuote({ quoteUrl, pageOrigin, tabId: 1 });
  if (taken.kind !== "offered" || !isConfirmable(taken.purchase)) {
    throw new Error(`The quote cannot be paid: ${JSON.stringify(taken)}`);
  }
  const { purchaseId } = taken.purchase;
  const done = completed(purchaseId);
  const { pin } = told;
  await wallet.pay({ purchaseId, accountKey, pin, address: null, recognise: false });
  const { advice } = await done;
  const pieces: Uint8Array[] = [];
  for (const { goodsId } of advice.goods) {
    for await (const piece of deps.goods.read(purchaseId, goodsId)) pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

answerOrders<ChitShopper>({
  async open({ activationLink, ...rest }) {
    told = rest;
    const account = await activate(deps, activationLink, "Benchmark");
    accountKey = account.accountKey;
    return { accountId: account.accountId, deviceId: account.deviceId };
  },
  buy: createShopper(buyOne),
});
