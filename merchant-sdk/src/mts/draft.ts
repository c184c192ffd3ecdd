/** The quote and the sale of an offer, checked as a whole. Nothing is kept here and nobody is asked. */
import {
  ChitError,
  createQuote,
  fromUtf8,
  type MerchantCertificate,
  quoteHash,
  toBase64url,
} from "@chit/protocol";
import { MerchantError } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { checkDeliverable, dataText, type Offer, quoteLines, shippingOf } from "./offer.ts";
import type { SalePromise, SaleRecord } from "./sale.ts";
import { decodeSale, encodeSale } from "./store.ts";

/** Under what an offer is quoted. */
export interface DraftTerms {
  readonly certificate: MerchantCertificate;
  /** The certificate as signed. */
  readonly document: string;
  readonly issuer: string;
  readonly transactionNumber: string;
  /** 16 fresh random bytes: nobody can guess the quote from its hash. */
  readonly salt: Uint8Array;
  /** Absolute URL below which the protocol's endpoints are. */
  readonly endpoint: string;
  /** Whether shoppers are asked to be recognised where the offer does not say. */
  readonly loyalty: boolean;
  /** Seconds. */
  readonly now: number;
}

const expiryOf = (offer: Offer, now: number) =>
  now + (offer.quoteLifeSeconds ?? MERCHANT_LIMITS.quoteLifeSeconds);

/**
 * The quote's exact bytes.
 *
 * @param hasFulfil whether the seller has a function that makes goods after payment
 * @throws {MerchantError} `price-invalid`, `offer-invalid`
 */
export function draftQuote(terms: DraftTerms, offer: Offer, hasFulfil: boolean): Uint8Array {
  const { certificate, document, issuer, transactionNumber, salt, endpoint, now } = terms;
  checkDeliverable(offer, hasFulfil);
  const { lines, total } = quoteLines(offer, certificate.scale);
  return checkOffer(offer, () =>
    createQuote({
      v: 1,
      type: "quote",
      merchantId: certificate.merchantId,
      transactionNumber,
      salt: toBase64url(salt),
      amount: total.toString(),
      currency: certificate.currency,
      scale: certificate.scale,
      lines: lines.map((line) => ({ ...line, amount: line.amount.toString() })),
      ...shippingOf(offer),
      loyalty: offer.loyalty ?? terms.loyalty,
      issuedAt: now,
      expiresAt: expiryOf(offer, now),
      issuers: [issuer],
      certificate: document,
      sessionUrl: `${endpoint}/session`,
      proofUrl: `${endpoint}/proof`,
      recoveryUrl: `${endpoint}/recovery`,
      payerUrl: `${endpoint}/pay/${transactionNumber}`,
    }),
  );
}

/**
 * The sale that a quote begins.
 *
 * @throws {MerchantError} `offer-invalid`: what the store or the shipping advice would refuse later is refused
 * before anybody pays.
 */
export function draftSale(
  { transactionNumber, endpoint, now }: DraftTerms,
  sellerId: string,
  offer: Offer,
  body: Uint8Array,
  promise: SalePromise,
): SaleRecord {
  return checkOffer(offer, () => {
    const sale: SaleRecord = {
      state: "quoted",
      transactionNumber,
      sellerId,
      quote: fromUtf8(body),
      quoteHash: quoteHash(body),
      issuedAt: now,
      expiresAt: expiryOf(offer, now),
      endpoint,
      reference: offer.reference ?? null,
      data: dataText(offer),
      promise,
      denials: [],
    };
    decodeSale(encodeSale(sale));
    return sale;
  });
}

/** What the merchant gave is checked by the protocol's own schemas; say where it came from. */
export function checkOffer<R>(offer: Offer, make: () => R): R {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof MerchantError) throw cause;
    const problem = cause instanceof ChitError ? cause.message : String(cause);
    throw new MerchantError("offer-invalid", `The offer "${offer.name}": ${problem}`, { cause });
  }
}
