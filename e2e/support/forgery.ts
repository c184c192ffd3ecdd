/** What a bad shop can make, and whoever sits on the line: pages, quotes, certificates, sessions and answers. */
import { randomBytes, randomUUID } from "node:crypto";
import {
  createCertificate,
  decodeRequestForPayment,
  fromBase64url,
  type MerchantCertificateInput,
  type OpenedRequest,
  openRequestForPayment,
  openSessionInitiation,
  type QuoteInput,
  type Session,
  type Signer,
  SUITE,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { nodeCrypto, nodeOpeningKey, nodeSigner } from "@chit/protocol/node";
import { loadKeyRing } from "@chit/tps-server";
import type { Fate, Interference, Line, Reply } from "./line.ts";
import type { PaymentService } from "./payment-service.ts";
import type { Shop } from "./shop.ts";

export const crypto = nodeCrypto((length) => Uint8Array.from(randomBytes(length)));
export const newId = () => toBase64url(randomBytes(16));
export const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** Path → what becomes of requests to it; other paths go through. */
export type Ways = Map<string, Interference>;

/** The ways of a line, to be changed while the test runs. */
export function waysOf(line: Line): Ways {
  const ways: Ways = new Map();
  line.interfere((exchange, pass) => {
    const way = ways.get(exchange.path);
    return way === undefined ? pass() : way(exchange, pass);
  });
  return ways;
}

/** An answer of one's own. */
export function reply(body: string | Uint8Array, more: Partial<Omit<Reply, "body">> = {}): Reply {
  const bytes = typeof body === "string" ? utf8(body) : body;
  const { status = 200, headers = { "content-type": "application/json" } } = more;
  const open = { "access-control-allow-origin": "*", "content-length": String(bytes.length) };
  return { status, headers: { ...open, ...headers }, body: Buffer.from(bytes) };
}

export const htmlReply = (status: number): Reply =>
  reply("<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>", {
    status,
    headers: { "content-type": "text/html" },
  });

/** The server's own answer with another body. */
export const changed =
  (change: (body: Buffer) => string | Uint8Array): Interference =>
  async (_exchange, pass) => {
    const answered = await pass();
    const body = change(answered.body);
    const headers = { ...answered.headers, "content-length": String(Buffer.byteLength(body)) };
    return { ...answered, headers, body: Buffer.from(body) };
  };

/** The answer with one bit flipped, so many bytes before its end. */
export function flipped(body: Uint8Array, fromEnd: number): Buffer {
  const copy = Buffer.from(body);
  const index = copy.length - fromEnd;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

export interface BadPage {
  readonly path: string;
  readonly quoteUrl: string;
}

/**
 * A page of the shop that points at a quote of somebody's making.
 *
 * @param head makes what stands in the page's head, given the quote's address
 */
export function badPage(
  shop: Shop,
  ways: Ways,
  quote: string | Uint8Array | Fate | Interference,
  head: (quoteUrl: string) => string = pointer,
): BadPage {
  const path = `/bad/${randomUUID()}`;
  const quotePath = `${path}/quote`;
  const quoteUrl = shop.origin + quotePath;
  ways.set(path, async () => htmlPage(head(quoteUrl)));
  ways.set(quotePath, typeof quote === "function" ? quote : async () => fateOf(quote));
  return { path, quoteUrl };
}

export const pointer = (url: string) => `<link rel="payment-quote" href="${url}">`;

export const htmlPage = (head: string, body = "<h1>For sale</h1>"): Reply =>
  reply(
    `<!doctype html><html><head><title>A page</title>${head}</head><body>${body}</body></html>`,
    {
      headers: { "content-type": "text/html; charset=utf-8" },
    },
  );

function fateOf(quote: string | Uint8Array | Fate): Fate {
  if (quote === "lost") return "lost";
  return typeof quote === "string" || quote instanceof Uint8Array ? reply(quote) : quote;
}

/** A quote of the honest shop for a book, as it travels: known to its MTS, and open to changes. */
export async function honestQuote(shop: Shop): Promise<QuoteInput> {
  const page = await fetch(`http://127.0.0.1:${shop.line.port}/book`, {
    headers: { accept: "application/json" },
  });
  const { transactionNumber } = (await page.json()) as { transactionNumber: string };
  const quote = await fetch(`http://127.0.0.1:${shop.line.port}/chit/quotes/${transactionNumber}`);
  return (await quote.json()) as QuoteInput;
}

/** A certificate for the shop's own keys and origin, but for `changes`; by the TPS's key unless told. */
export async function certificateFor(
  service: PaymentService,
  shop: Shop,
  changes: Partial<MerchantCertificateInput>,
  signer?: Signer,
): Promise<string> {
  const ring = await loadKeyRing(service.tps.deps);
  const now = nowSeconds();
  const sealing = await nodeOpeningKey(crypto, fromBase64url(shop.sealingKey));
  return createCertificate(signer ?? ring.signer(now), {
    v: 1,
    iss: service.tps.issuer,
    jti: newId(),
    iat: now,
    nbf: now - 1_000,
    exp: now + 10_000,
    merchantId: shop.merchantId,
    name: "Paper & Ink",
    origins: [shop.origin],
    suite: SUITE,
    sealingKey: toBase64url(sealing.publicRaw),
    signingKey: toBase64url(nodeSigner(crypto.randomBytes(32)).publicKey),
    currency: "EUR",
    scale: 4,
    ...changes,
  });
}

/** The session that a wallet began, as the shop sees it. */
export async function sessionOf(shop: Shop, initiation: Uint8Array): Promise<Session> {
  const key = await nodeOpeningKey(crypto, fromBase64url(shop.sealingKey));
  return (await openSessionInitiation(crypto, key, initiation)).session;
}

/** The session of the purchase under way, from what passed over the shop's line. */
export function lastSession(shop: Shop): Promise<Session> {
  const last = shop.line.to("/chit/session").at(-1);
  if (last === undefined) throw new Error("No session was begun.");
  return sessionOf(shop, last.body);
}

/** A request-for-payment, opened with the TPS's own key: whoever forges from it knows all that the TPS knows. */
export async function openedRequest(
  service: PaymentService,
  body: Uint8Array,
): Promise<OpenedRequest> {
  const ring = await loadKeyRing(service.tps.deps);
  const decoded = decodeRequestForPayment(body);
  const key = ring.openingKey(decoded.keyId, nowSeconds());
  if (key === undefined) throw new Error("The TPS does not hold this key.");
  return openRequestForPayment(crypto, key, decoded);
}
