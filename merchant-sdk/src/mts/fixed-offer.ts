/** Offers that are known when the program sets them up: their mistakes show there, not when somebody wants to buy. */
import { LIMITS, QUOTE_SALT_BYTES, toBase64url } from "@chit/protocol";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "./deps.ts";
import { checkOffer, type DraftTerms, draftQuote, draftSale } from "./draft.ts";
import { checkDeliverable, deliveryRecord, labelGoods, type Offer, quoteLines } from "./offer.ts";
import type { SalePromise } from "./sale.ts";

type Deps = Pick<MtsDeps, "issuerKeys" | "certificate" | "clock" | "shelf" | "logger" | "loyalty">;

/**
 * Checks an offer as its sale will. A file that is not there is logged and no more: it may be mounted later,
 * and nothing is sold until it is.
 *
 * @throws {MerchantError} `price-invalid`, `offer-invalid`
 */
export function checkFixedOffer(
  deps: Deps,
  sellerId: string,
  offer: Offer,
  hasFulfil: boolean,
): void {
  const terms = termsToday(deps);
  if (terms === undefined) {
    checkDeliverable(offer, hasFulfil);
    quoteLines(offer, LIMITS.scale);
  } else {
    const body = draftQuote(terms, offer, hasFulfil);
    const promise = checkOffer(offer, () => promiseUnread(offer, hasFulfil));
    draftSale(terms, sellerId, offer, body, promise);
  }
  for (const goods of offer.goods ?? []) {
    if ("file" in goods) lookFor(deps, sellerId, goods.file);
  }
}

/** A sale's terms with the certificate as it is; undefined while it, or the key list, is not in force. */
function termsToday({ issuerKeys, certificate, clock, loyalty }: Deps): DraftTerms | undefined {
  const list = issuerKeys.known;
  if (list === undefined) return undefined;
  const now = clock();
  try {
    const inForce = certificate.inForce(list, now);
    return {
      certificate: inForce,
      document: certificate.document,
      issuer: list.iss,
      transactionNumber: toBase64url(new Uint8Array(16)),
      salt: new Uint8Array(QUOTE_SALT_BYTES),
      endpoint: `${inForce.origins[0]}/chit`,
      loyalty,
      now,
    };
  } catch {
    // Already logged when the shop was opened.
    return undefined;
  }
}

/** The promise with everything but the goods' bytes. */
function promiseUnread(offer: Offer, more: boolean): SalePromise {
  const goods = (offer.goods ?? []).map((thing) => ({
    ...labelGoods(thing, offer.name),
    place: "file" as const,
    path: "file" in thing ? thing.file : "content",
  }));
  return {
    goods,
    delivery: offer.delivery === undefined ? null : deliveryRecord(offer.delivery),
    more,
  };
}

function lookFor({ shelf, logger }: Deps, seller: string, path: string): void {
  shelf
    .find({ place: "file", path })
    .catch((error) =>
      logger.error(
        { ...errorFields(error), seller },
        "A file that is for sale is not there. Put it in place or mend its path (a relative one begins in the directory in which the program was started); until then its page says that nothing can be sold.",
      ),
    );
}
