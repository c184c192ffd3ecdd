/**
 * The MTS's side of a purchase, top to bottom: the paper's steps 1–2, 3–4, 7–8, 9–10. Each function answers
 * only when what it says is durable in the store. Nothing here knows of HTTP.
 */
import {
  ChitError,
  chunkCount,
  createQuote,
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
  type Quote,
  quoteHash,
  toBase64url,
  utf8,
  verifySendGoods,
} from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "./deps.ts";
import { adviceBytes, fulfil, type PaidSale, promiseOf } from "./fulfilment.ts";
import { checkDeliverable, dataText, type Offer, quoteLines, shippingOf } from "./offer.ts";
import { type SaleEvent, type SaleRecord, transition } from "./sale.ts";
import { subjectOf } from "./subject.ts";
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
  checkDeliverable(offer, hasFulfil);
  const { lines, total } = quoteLines(offer, certificate.scale);
  const transactionNumber = toBase64url(deps.crypto.randomBytes(16));
  const expiresAt = now + (offer.quoteLifeSeconds ?? MERCHANT_LIMITS.quoteLifeSeconds);
  const body = quoteOf(offer, () =>
    createQuote({
      v: 1,
      type: "quote",
      merchantId: certificate.merchantId,
      transactionNumber,
      amount: total.toString(),
      currency: certificate.currency,
      scale: certificate.scale,
      lines: lines.map((line) => ({ ...line, amount: line.amount.toString() })),
      ...shippingOf(offer),
      issuedAt: now,
      expiresAt,
      issuers: [list.iss],
      certificate: deps.certificate.document,
      sessionUrl: `${endpoint}/session`,
      proofUrl: `${endpoint}/proof`,
    }),
  );
  const sale: SaleRecord = {
    state: "quoted",
    transactionNumber,
    sellerId,
    quote: fromUtf8(body),
    quoteHash: quoteHash(body),
    issuedAt: now,
    expiresAt,
    endpoint,
    reference: offer.reference ?? null,
    data: dataText(offer),
    promise: await promiseOf(deps, offer, hasFulfil),
    denials: [],
  };
  await deps.store.insert({ sale, events: deps.events.announce("quoted", transactionNumber) });
  void deps.events.deliver();
  const url = `${endpoint}/quotes/${transactionNumber}`;
  return { transactionNumber, url, quote: decodeQuote(body), shop: certificate.name, offer };
}

/**
 * Step 2, as the wallet fetches it: the quote's exact bytes.
 *
 * @throws {Refusal} `transaction-unknown`, `quote-expired`
 */
export async function quoteBytes(deps: MtsDeps, transactionNumber: string): Promise<Uint8Array> {
  const sale = await findSale(deps, transactionNumber);
  if (deps.clock() > sale.expiresAt) throw expired();
  return utf8(sale.quote);
}

/**
 * Steps 3 and 4: binds the number to the session and authenticates the quote. The same bytes get the same
 * answer, also after the quote expired.
 *
 * @throws {ChitError} as `openSessionInitiation` does
 * @throws {Refusal} `transaction-unknown`, `quote-mismatch`, `quote-expired`, `session-taken`,
 * `address-required`, `address-unwanted`
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
  const authentication = createQuoteAuthentication(opened.session, subject);
  const bound = await happen(deps, sale.transactionNumber, {
    type: "session-initiated",
    session: {
      ...opened.session,
      address: opened.address,
      authentication: fromUtf8(authentication),
      at: deps.clock(),
    },
  });
  if (bound.state === "quoted") throw new Error("A session was initiated, but none is kept.");
  return utf8(bound.session.authentication);
}

/**
 * Steps 7 and 8: takes a proof-of-payment from whoever forwards it and answers with the shipping advice, the
 * same bytes for the same sale for ever. A denial is noted and answered with null.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`
 * @throws {Refusal} `transaction-unknown`, `session-missing`, `signing-key-unknown`, `proof-invalid`,
 * `proof-mismatch`, `goods-unavailable` (the payment is kept; ask again)
 */
export async function acceptProof(deps: MtsDeps, body: Uint8Array): Promise<Uint8Array | null> {
  const forwarded = decodeForward(body);
  const { verdict, document, claims, sale } = await verifyForwarded(deps, forwarded, (number) =>
    findSale(deps, number),
  );
  const payment = { jti: claims.jti, document, at: deps.clock() };
  if (verdict === "denial") {
    await happen(deps, sale.transactionNumber, { type: "denial-forwarded", denial: payment });
    return null;
  }
  const paid = await happen(deps, sale.transactionNumber, { type: "proof-accepted", payment });
  return adviseShipping(deps, paid);
}

async function adviseShipping(deps: MtsDeps, sale: SaleRecord): Promise<Uint8Array> {
  if (sale.state !== "paid" && sale.state !== "delivered") {
    throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
  }
  if (sale.advice !== null) return adviceBytes(sale.advice);
  const advised = await fulfilOnce(deps, sale);
  if (advised.state === "paid" && advised.advice !== null) return adviceBytes(advised.advice);
  if (advised.state === "delivered") return adviceBytes(advised.advice);
  throw new Error("The shipping advice was made, but none is kept.");
}

function fulfilOnce(deps: MtsDeps, sale: PaidSale): Promise<SaleRecord> {
  const { transactionNumber } = sale;
  const running = deps.fulfilling.get(transactionNumber);
  if (running !== undefined) return running;
  const started = fulfilAndKeep(deps, sale).finally(() => {
    deps.fulfilling.delete(transactionNumber);
  });
  deps.fulfilling.set(transactionNumber, started);
  return started;
}

async function fulfilAndKeep(deps: MtsDeps, sale: PaidSale): Promise<SaleRecord> {
  try {
    const advice = await fulfil(deps, sale);
    return await happen(deps, sale.transactionNumber, { type: "advised", advice });
  } catch (cause) {
    deps.logger.error(
      { ...errorFields(cause), seller: sale.sellerId },
      "A paid sale could not be fulfilled. The payment is kept; the wallet will ask again. Mend the cause.",
    );
    throw new Refusal(
      "goods-unavailable",
      "The payment is recorded, but the shop cannot prepare the goods just now. Ask again later; nothing is lost.",
      { cause },
    );
  }
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
 * Steps 9 and 10: the goods, encrypted for the session's initiator, from the chunk that it asks for.
 *
 * @throws {ChitError} `malformed-message`, `authentication-failed`
 * @throws {Refusal} `transaction-unknown`, `session-missing`, `not-paid`, `goods-unknown`, `goods-changed`
 * @throws {MerchantError} `goods-unreadable`
 */
export async function deliverGoods(deps: MtsDeps, body: Uint8Array): Promise<EncryptedDelivery> {
  const request = decodeSendGoods(body);
  const sale = await findSale(deps, request.transactionNumber);
  if (sale.state === "quoted") throw new Refusal("session-missing", "Nothing was paid for yet.");
  verifySendGoods(sale.session.key, request);
  if (request.merchantId !== subjectOf(sale).merchantId) throw unknown();
  if (sale.state === "authenticated") throw new Refusal("not-paid", "Forward the proof first.");
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
      sale.session.key,
      request,
      opened.read(firstChunk * LIMITS.goodsChunkBytes),
      firstChunk,
      deps.crypto.randomBytes(GOODS_SALT_BYTES),
    ),
    async sent() {
      const { transactionNumber, goodsId } = request;
      await happen(deps, transactionNumber, { type: "goods-sent", goodsId });
    },
    close: () => opened.close(),
  };
}

/** Lets an event happen to a sale, durably, and tells the hooks. */
async function happen(
  deps: MtsDeps,
  transactionNumber: string,
  event: SaleEvent,
): Promise<SaleRecord> {
  const after = await deps.store.update(transactionNumber, (before) => {
    const { sale, news } = transition(before, event);
    const detail = news === "duplicatePayment" || news === "denied" ? jtiOf(event) : "";
    return { sale, events: deps.events.announce(news, transactionNumber, detail) };
  });
  if (after === undefined) throw unknown();
  void deps.events.deliver();
  return after;
}

function jtiOf(event: SaleEvent): string {
  if (event.type === "proof-accepted") return event.payment.jti;
  return event.type === "denial-forwarded" ? event.denial.jti : "";
}

async function findSale(deps: MtsDeps, transactionNumber: string): Promise<SaleRecord> {
  const sale = await deps.store.find(transactionNumber);
  if (sale === undefined) throw unknown();
  return sale;
}

function expectAddress(required: boolean, given: boolean): void {
  if (required && !given) {
    throw new Refusal("address-required", "Begin again with a shipping address.");
  }
  if (!required && given) {
    throw new Refusal("address-unwanted", "Begin again without an address.");
  }
}

/** Text that the merchant gave is checked by the quote's own schema; say where it came from. */
function quoteOf(offer: Offer, make: () => Uint8Array): Uint8Array {
  try {
    return make();
  } catch (cause) {
    const problem = cause instanceof ChitError ? cause.message : String(cause);
    throw new MerchantError("offer-invalid", `The offer "${offer.name}": ${problem}`, { cause });
  }
}

function originNotCertified(origin: string, certified: readonly string[]): MerchantError {
  return new MerchantError(
    "origin-not-certified",
    `The shop was called as ${origin}, but its certificate is for ${certified.join(", ")}. Behind a proxy set app.set("trust proxy", …) or createMerchant's baseUrl; otherwise apply for this origin.`,
  );
}

const unknown = () =>
  new Refusal("transaction-unknown", "Check the transaction number, or ask for a new quote.");
const expired = () => new Refusal("quote-expired", "Load the page again for a new quote.");
