/**
 * Steps 1 and 2: the quote. Not signed (paper, section 3): the session authenticates it in step 4. The page
 * points at it with a `Link` header and a `<link>` of relation {@link QUOTE_RELATION}; the wallet fetches it
 * itself. Its exact bytes are what everything later refers to.
 */
import * as v from "valibot";
import type { MerchantCertificate } from "./certificate.ts";
import { verifyCertificate } from "./certificate.ts";
import type { ProtocolCrypto } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import type { KeyList } from "./key-list.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  currency,
  displayText,
  header,
  identifier,
  jws,
  message,
  messageBytes,
  parseMessage,
  positiveAmount,
  scale,
  secureUrl,
  signedAmount,
  time,
  webOrigin,
  whole,
} from "./schema.ts";
import { labelledHash } from "./transcript.ts";

/** Relation type of the pointer from a page to its quote. */
export const QUOTE_RELATION = "payment-quote";

/** Length of a quote's salt. */
export const QUOTE_SALT_BYTES = 16;

const lineSchema = message({
  description: displayText(LIMITS.lineTextLength),
  quantity: whole(1, LIMITS.quantity),
  /** What the whole line costs (not one piece); negative for a discount. */
  amount: signedAmount,
});

const quoteSchema = message({
  ...header("quote"),
  merchantId: identifier,
  /** Unique at this merchant and unguessable: 16 random bytes. */
  transactionNumber: identifier,
  /**
   * 16 fresh random bytes that only shop and wallet know: the TPS gets the hash of the quote, and must not be
   * able to test guesses of what was bought against it.
   */
  salt: bytes(QUOTE_SALT_BYTES),
  /** The sum of the lines, in smallest units of `currency` at `scale` decimals. */
  amount: positiveAmount,
  currency,
  scale,
  lines: v.pipe(v.array(lineSchema), v.minLength(1), v.maxLength(LIMITS.quoteLines)),
  /** What will be delivered: by download, by carrier, or some of each. */
  kind: v.picklist(["digital", "physical", "mixed"]),
  addressRequired: v.boolean(),
  /** Whether the shop would like to know its customers again; the shopper decides, and the default is no. */
  loyalty: v.boolean(),
  issuedAt: time,
  expiresAt: time,
  /** Issuers whose proofs this merchant takes. */
  issuers: v.pipe(v.array(webOrigin), v.minLength(1), v.maxLength(LIMITS.issuers)),
  certificate: jws,
  /** Where steps 3 and 7 go, and recovery after the sale; same origin as the page. Step 9 is told by the shipping advice. */
  sessionUrl: secureUrl,
  proofUrl: secureUrl,
  recoveryUrl: secureUrl,
  /** Below it is the page for whoever pays for the initiator (`payer.ts`); same origin. Missing: this merchant has none. */
  payerUrl: v.exactOptional(secureUrl),
});

/** A quote. Amounts are bigint in smallest units, times in seconds. */
export type Quote = v.InferOutput<typeof quoteSchema>;
export type QuoteLine = Quote["lines"][number];
export type QuoteInput = v.InferInput<typeof quoteSchema>;

/**
 * The exact bytes of a quote, for the MTS to store and serve.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`, `quote-inconsistent`: it checks its own work.
 */
export function createQuote(quote: QuoteInput): Uint8Array {
  const body = messageBytes(quote);
  decodeQuote(body);
  return body;
}

/**
 * Reads a quote and checks that it is consistent in itself: the lines add up, it does not expire before it
 * begins or live longer than a day, physical goods are sent somewhere.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`, `quote-inconsistent`
 */
export function decodeQuote(body: Uint8Array): Quote {
  const quote = parseMessage(quoteSchema, body, LIMITS.quoteBytes);
  const sum = quote.lines.reduce((total, line) => total + line.amount, 0n);
  if (sum !== quote.amount) {
    throw new ChitError(
      "quote-inconsistent",
      `The lines add up to ${sum}, but the quote asks for ${quote.amount} smallest units.`,
    );
  }
  const life = quote.expiresAt - quote.issuedAt;
  if (life <= 0 || life > LIMITS.quoteLifeSeconds) {
    throw new ChitError("quote-inconsistent", "A quote lives between a second and a day.");
  }
  if (quote.addressRequired && quote.kind === "digital") {
    throw new ChitError("quote-inconsistent", "Digital goods need no shipping address.");
  }
  return quote;
}

/** The hash that stands for the quote from here on (paper: "a computationally one-to-one function"). */
export function quoteHash(body: Uint8Array): Uint8Array {
  return labelledHash(LABELS.quote, body);
}

/** A quote that the wallet may show, with the certificate that vouches for its merchant. */
export interface VerifiedQuote {
  readonly quote: Quote;
  readonly certificate: MerchantCertificate;
  readonly hash: Uint8Array;
}

/**
 * Step 2 at the CTS: verifies certificate and origin, and that the quote fits both.
 *
 * @param pageOrigin origin of the page that pointed at the quote, as the browser reports it
 * @param now seconds
 * @throws {ChitError} as `decodeQuote` and `verifyCertificate` do; `issuer-not-accepted`,
 * `origin-not-certified`, `merchant-mismatch`, `quote-inconsistent`, `expired`, `not-yet-valid`.
 */
export function verifyQuote(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  body: Uint8Array,
  pageOrigin: string,
  now: number,
): VerifiedQuote {
  const quote = decodeQuote(body);
  if (!quote.issuers.includes(list.iss)) {
    throw new ChitError(
      "issuer-not-accepted",
      `This shop takes payments through ${quote.issuers.join(", ")}, not through ${list.iss}.`,
    );
  }
  const certificate = verifyCertificate(crypto, list, quote.certificate, now);
  if (!certificate.origins.includes(pageOrigin)) {
    throw new ChitError(
      "origin-not-certified",
      `The certificate of "${certificate.name}" is for ${certificate.origins.join(", ")}, not for ${pageOrigin}.`,
    );
  }
  const { sessionUrl, proofUrl, recoveryUrl, payerUrl = recoveryUrl } = quote;
  for (const url of [sessionUrl, proofUrl, recoveryUrl, payerUrl]) {
    if (new URL(url).origin !== pageOrigin) {
      throw new ChitError(
        "origin-not-certified",
        `The quote points away from ${pageOrigin}: ${url}.`,
      );
    }
  }
  if (quote.merchantId !== certificate.merchantId) {
    throw new ChitError(
      "merchant-mismatch",
      "The quote names another merchant than its certificate.",
    );
  }
  if (quote.currency !== certificate.currency || quote.scale !== certificate.scale) {
    throw new ChitError("quote-inconsistent", "Quote and certificate differ in currency or scale.");
  }
  if (now < quote.issuedAt - LIMITS.clockSkewSeconds) {
    throw new ChitError("not-yet-valid", "The quote is dated in the future. Check the clocks.");
  }
  if (now > quote.expiresAt) {
    throw new ChitError("expired", "The quote has expired. Ask the shop for a new one.");
  }
  return { quote, certificate, hash: quoteHash(body) };
}
