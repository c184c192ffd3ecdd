/** Somebody else, who has begun a purchase at the shop and shares its link. */
import {
  createSessionInitiation,
  decodeCertificate,
  decodeQuote,
  merchantSealingKey,
  payerLink,
  payerQuoteUrl,
  type QuoteInput,
  quoteHash,
} from "@chit/protocol";
import type { Life, World } from "./world.ts";

/** Somebody's purchase: its session is with the shop, its link can be opened. */
export async function somebodysPurchase({ mts }: World, change: Partial<QuoteInput> = {}) {
  const quoteUrl = mts.offer(change);
  const { body } = mts.sale(quoteUrl);
  const quote = decodeQuote(body);
  const subject = { ...quote, quoteHash: quoteHash(body) };
  const key = merchantSealingKey(decodeCertificate(quote.certificate));
  const told = { address: null, loyalty: null };
  const made = await createSessionInitiation(mts.crypto, key, subject, told);
  await fetch(quote.sessionUrl, { method: "POST", body: Uint8Array.from(made.body) });
  return { quoteUrl, link: payerLink(made.session, subject, quote.payerUrl ?? "") };
}

/** The wallet opens a link that somebody shared. */
export async function offeredToPayer(world: World, life: Life, link: string) {
  const taken = await life.wallet.takeQuote({
    quoteUrl: payerQuoteUrl(link),
    pageOrigin: world.mts.server.origin,
    tabId: 1,
    forSomebodyElse: true,
  });
  if (taken.kind !== "offered") throw new Error(JSON.stringify(taken));
  return taken.purchase;
}
