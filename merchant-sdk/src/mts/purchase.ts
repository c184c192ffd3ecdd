/**
 * The MTS's side of a purchase, top to bottom: the paper's steps 1–2, 3–4, 7–8, 9–10. Each function answers
 * only when what it says is durable in the store. Nothing here knows of HTTP.
 */
import {
  chunkCount,
  createQuoteAuthentication,
  decodeForward,
  decodeQuote,
  decodeSendGoods,
  decodeSessionInitiation,
  deliveryLength,
  encryptGoods,
  equalBytes,
  fromUtf8,
  GOODS_SALT_BYTES,
  LIMITS,
  openSessionInitiation,
  QUOTE_SALT_BYTES,
  type Quote,
  type SendGoods,
  toBase64url,
  utf8,
  verifySendGoods,
} from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import type { MtsDeps } from "./deps.ts";
import { draftQuote, draftSale } from "./draft.ts";
import { adviseShipping, promiseOf } from "./fulfilment.ts";
import { findSale, happen, unknownTransaction } from "./happen.ts";
import type { Offer } from "./offer.ts";
import { expectsAdvice, receiptFor } from "./payer.ts";
import { keepPayment } from "./payments.ts";
import { deliveryKeyFor } from "./redelivery.ts";
import { type OfferedSale, sessionOf } from "./sale.ts";
import { isRefunded, subjectOf } from "./subject.ts";
import { verifyForwarded } from "./verdict.ts";

/** Who sells what, and under which address. */
export interface QuoteRequest {
  readonly sellerId: string;
  readonly offer: Offer;
  /** Whether the seller has a function that makes goods after payment. */
  readonly hasFulfil: boolean;
  /** Origin of the page that offers, and the absolute URL below which the protocol's endpoints are. */
  readonly origin: string;
  readonly endpoint: string;
}

/** A quote that was issued. */
export interface IssuedQuote {
  readonly transactionNumber: string;
  /** Where the wallet fetches it. */
  readonly url: string;
  readonly quote: Quote;
  /** The shop's name from the certificate. */
  readonly shop: string;
  readonly offer: Offer;
}

/**
 * Steps 1 and 2: makes a quote and keeps it.
 *
 * @throws {MerchantError} every code but the files'; nothing is offered then.
 */
export async function issueQuote(deps: MtsDeps, request: QuoteRequest): Promise<IssuedQuote> {
  const { offer, origin, endpoint, sellerId, hasFulfil } = request;
  const now = deps.clock();
  const list = await deps.issuerKeys.current();
  const certificate = deps.certificate.inForce(list, now);
  if (!certificate.origins.includes(origin)) throw originNotCertified(origin, certificate.origins);
  const transactionNumber = toBase64url(deps.crypto.randomBytes(16));
  const terms = {
    certificate,
    document: deps.certificate.document,
    issuer: list.iss,
    transactionNumber,
    salt: deps.crypto.randomBytes(QUOTE_SALT_BYTES),
    endpoint,
    loyalty: deps.loyalty,
    now,
  };
  const body = draftQuote(terms, offer, hasFulfil);
  const promise = await promiseOf(deps, offer, hasFulfil);
  const sale = draftSale(terms, sellerId, offer, body, promise);
  const events = deps.events.announce("quoted", transactionNumber);
  await deps.store.insert({ sale, events, orders: [] });
  void deps.events.deliver();
  const url = `${endpoint}/quotes/${transactionNumber}`;
  return { transactionNumber, url, quote: decodeQuote(body), shop: certificate.name, offer };
}

/**
 * Step 2, as the wallet fetches it: the quote's exact bytes.
 *
 * @throws {Refusal} `transaction-unknown`, `cancelled`, `quote-expired`
 */
export async function quoteBytes(deps: MtsDeps, transactionNumber: string): Promise<Uint8Array> {
  const sale = await findSale(deps, transactionNumber);
  if (sale.state === "cancelled") throw new Refusal("cancelled", "Ask for a new quote.");
  if (deps.clock() > sale.expiresAt) throw expired();
  return utf8(sale.quote);
}

/**
 * Steps 3 and 4: binds the number to the session and authenticates the quote. The same bytes get the same
 * answer, also after the quote expired.
 *
 * @throws {ChitError} as `openSessionInitiation` does
 * @throws {Refusal} `transaction-unknown`, `quote-mismatch`, `quote-expired`, `session-taken`,
 * `cancelled`, `refunded`, `address-required`, `address-unwanted`, `loyalty-unwanted`
 */
export async function authenticateQuote(deps: MtsDeps, body: Uint8Array): Promise<Uint8Array> {
  const decoded = decodeSessionInitiation(body);
  const sale = await findSale(deps, decoded.transactionNumber);
  const subject = subjectOf(sale);
  const same =
    decoded.merchantId === subject.merchantId && equalBytes(decoded.quoteHash, sale.quoteHash);
  if (!same) throw new Refusal("quote-mismatch", "The session is for a quote that was changed.");
  const opened = await openSessionInitiation(deps.crypto, await deps.openingKey, body);
  if (sale.state === "quoted" && deps.clock() > sale.expiresAt) throw expired();
  expectAddress(subject.addressRequired, opened.address !== null);
  if (opened.loyalty !== null && !subject.loyalty) {
    throw new Refusal("loyalty-unwanted", "Begin again without a pseudonym.");
  }
  const authentication = createQuoteAuthentication(opened.session, subject);
  const bound = await happen(deps, sale.transactionNumber, {
    type: "session-initiated",
    session: {
      ...opened.session,
      address: opened.address,
      loyalty: opened.loyalty,
      authentication: fromUtf8(authentication),
      at: deps.clock(),
    },
  });
  const kept = sessionOf(bound);
  if (kept === null) throw new Error("A session was initiated, but none is kept.");
  return utf8(kept.authentication);
}

/**
 * Steps 7 and 8: takes a proof-of-payment from whoever forwards it. The session's initiator is answered with the shipping
 * advice, the same bytes for the same sale for ever, everybody else with a receipt. A denial is noted and answered
 * with null.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`; `authentication-failed`: somebody else asks for the
 * advice (the payment is kept)
 * @throws {Refusal} `transaction-unknown`, `signing-key-unknown`, `proof-invalid`, `proof-mismatch`;
 * `goods-unavailable` (the payment is kept; ask again), `refunded` (the payment is kept, and goes back)
 */
export async function acceptProof(deps: MtsDeps, body: Uint8Array): Promise<Uint8Array | null> {
  const forwarded = decodeForward(body);
  const { verdict, document, claims } = await verifyForwarded(deps, forwarded);
  const { jti, transactionNumber, iat } = claims;
  if (verdict === "denial") {
    const denial = { jti, document, at: deps.clock() };
    await happen(deps, transactionNumber, { type: "denial-forwarded", denial });
    return null;
  }
  const paid = await keepPayment(deps, { ...claims, paymentId: jti, paidAt: iat, document });
  if (paid.state === "stray" || isRefunded(paid)) {
    throw new Refusal("refunded", "The payment is recorded, and goes back to whoever paid.");
  }
  return expectsAdvice(paid, forwarded) ? adviseShipping(deps, paid) : receiptFor(paid, jti);
}

/** An encrypted delivery. */
export interface EncryptedDelivery {
  readonly length: number;
  /** Encrypted pieces. */
  readonly body: AsyncIterable<Uint8Array>;
  /** To be called when the last byte was handed over: the goods count as sent then. */
  sent(): Promise<void>;
  /** To be called in any case, also when the client went away before the first byte. */
  close(): Promise<void>;
}

/**
 * Steps 9 and 10, and their redelivery: the goods, encrypted for the session's initiator, from the chunk that it
 * asks for.
 *
 * @throws {ChitError} `malformed-message`, `authentication-failed`
 * @throws {Refusal} `transaction-unknown`, `session-missing`, `not-paid`, `refunded`, `session-expired`,
 * `goods-unknown`, `goods-changed`
 * @throws {MerchantError} `goods-unreadable`
 */
export async function deliverGoods(deps: MtsDeps, body: Uint8Array): Promise<EncryptedDelivery> {
  const request = decodeSendGoods(body);
  const sale = await findSale(deps, request.transactionNumber);
  if (sale.state !== "paid" && sale.state !== "delivered") throw nothingToSend(sale, request);
  const key = deliveryKeyFor(sale, request, deps.recovery, deps.clock());
  if (request.merchantId !== subjectOf(sale).merchantId) throw unknownTransaction();
  const goods = sale.advice?.goods.find(({ goodsId }) => goodsId === request.goodsId);
  if (goods === undefined) throw new Refusal("goods-unknown", "Take the id from the advice.");
  const { firstChunk } = request;
  if (firstChunk >= chunkCount(goods.file.size)) {
    throw new Refusal("goods-unknown", "firstChunk lies behind the end of the goods.");
  }
  const opened = await deps.shelf.open(goods.file);
  return {
    length: deliveryLength(goods.file.size, firstChunk),
    body: encryptGoods(
      deps.cipher,
      key,
      request,
      opened.read(firstChunk * LIMITS.goodsChunkBytes),
      firstChunk,
      deps.crypto.randomBytes(GOODS_SALT_BYTES),
    ),
    async sent() {
      const { transactionNumber, goodsId } = request;
      await happen(deps, transactionNumber, { type: "goods-sent", goodsId, at: deps.clock() });
    },
    close: () => opened.close(),
  };
}

/** Why goods that were not paid for, or whose payment went back, are not sent; told to the session's initiator alone. */
function nothingToSend(sale: OfferedSale, request: SendGoods): Refusal {
  const session = sessionOf(sale);
  if (session === null) return new Refusal("session-missing", "Nothing was paid for yet.");
  verifySendGoods(session.key, request);
  if (isRefunded(sale)) return new Refusal("refunded", "The money goes back to whoever paid.");
  return new Refusal("not-paid", "Forward the proof first.");
}

function expectAddress(required: boolean, given: boolean): void {
  if (required && !given) {
    throw new Refusal("address-required", "Begin again with a shipping address.");
  }
  if (!required && given) {
    throw new Refusal("address-unwanted", "Begin again without an address.");
  }
}

function originNotCertified(origin: string, certified: readonly string[]): MerchantError {
  return new MerchantError(
    "origin-not-certified",
    `The shop was called as ${origin}, but its certificate is for ${certified.join(", ")}. Behind a proxy set app.set("trust proxy", …) or createMerchant's baseUrl; otherwise apply for this origin.`,
  );
}

const expired = () => new Refusal("quote-expired", "Load the page again for a new quote.");
