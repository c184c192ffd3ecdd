/** Steps 1 and 2 at the CTS: from a page's pointer to a quote that may be shown. */
import {
  ChitError,
  decodeQuote,
  type KeyList,
  type Quote,
  toBase64url,
  type VerifiedQuote,
  verifyQuote,
} from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { NoAccountError, UnreachableError, WalletError } from "./errors.ts";
import { keyListOf, refreshKeyList } from "./issuer.ts";
import { getQuote } from "./mts-client.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, Purchase, PurchaseIn } from "./records.ts";

/** Where a quote was found. */
export interface Pointer {
  readonly quoteUrl: string;
  /** Origin of the page, as the browser reports it. */
  readonly pageOrigin: string;
  readonly tabId: number | null;
  /** A link that somebody shared: this wallet pays for whoever that was. */
  readonly forSomebodyElse?: boolean;
}

/**
 * Fetches the quote without cookies and checks everything before any of it is shown: certificate, origin,
 * merchant, sums, expiry, and that an account of this wallet fits.
 *
 * @throws {WalletError | ChitError | RefusedError} with the code that the window explains
 */
export async function fetchQuote(
  deps: CtsDeps,
  pointer: Pointer,
): Promise<PurchaseIn<"quoted" | "payer-quoted">> {
  const body = await getQuote(deps, pointer.quoteUrl).catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    throw new WalletError("shop-unreachable", error.message, { cause: error });
  });
  const quote = readQuote(body);
  const { verified, account } = await verifyForAnAccount(deps, quote, body, pointer.pageOrigin);
  const now = deps.nowSeconds();
  const offered = {
    purchaseId: toBase64url(deps.crypto.randomBytes(16)),
    createdAt: now,
    shopName: verified.certificate.name,
    shopOrigin: pointer.pageOrigin,
    quoteUrl: pointer.quoteUrl,
    quote: body,
    quoteHash: verified.hash,
    issuer: account.issuer,
    tabId: pointer.tabId,
    steps: [{ step: 2 as const, at: now }],
    waiting: null,
  };
  return pointer.forSomebodyElse
    ? { ...offered, state: "payer-quoted", role: "payer" }
    : { ...offered, state: "quoted" };
}

/**
 * Verifies a stored quote again, when the shopper confirms: things expire, and what a backup brought was never
 * looked at here.
 *
 * @throws {WalletError | ChitError} also when the certificate names the shop otherwise than the shopper sees it
 */
export async function verifyStoredQuote(
  deps: CtsDeps,
  purchase: Purchase,
  account: Account,
): Promise<VerifiedQuote> {
  const quote = quoteOf(purchase);
  const verified = await verifyUnder(deps, account, quote, purchase.quote, purchase.shopOrigin);
  if (verified.certificate.name !== purchase.shopName) {
    throw new WalletError("certificate-invalid", "The shop's certificate has another name.");
  }
  return verified;
}

function readQuote(body: Uint8Array): Quote {
  try {
    return decodeQuote(body);
  } catch (error) {
    if (error instanceof ChitError && error.message.startsWith("certificate:")) {
      throw new WalletError("certificate-missing", "The quote has no merchant certificate.", {
        cause: error,
      });
    }
    throw error;
  }
}

async function verifyForAnAccount(
  deps: CtsDeps,
  quote: Quote,
  body: Uint8Array,
  pageOrigin: string,
): Promise<{ verified: VerifiedQuote; account: Account }> {
  const accounts = await deps.store.accounts();
  const fitting = accounts.filter(({ issuer }) => quote.issuers.includes(issuer));
  let refused: unknown = new NoAccountError(quote.issuers);
  for (const account of fitting) {
    try {
      return { verified: await verifyUnder(deps, account, quote, body, pageOrigin), account };
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

async function verifyUnder(
  deps: CtsDeps,
  account: Account,
  quote: Quote,
  body: Uint8Array,
  pageOrigin: string,
): Promise<VerifiedQuote> {
  const now = deps.nowSeconds();
  const verify = (list: KeyList) => verifyQuote(deps.crypto, list, body, pageOrigin, now);
  try {
    return verify(await keyListOf(deps, account));
  } catch (error) {
    if (!(error instanceof ChitError && error.code === "signing-key-unknown")) {
      throw explained(error, quote, now);
    }
  }
  // The issuer may have a new signing key since the list was fetched.
  const list = await refreshKeyList(deps, account.accountKey);
  try {
    return verify(list);
  } catch (error) {
    throw explained(error, quote, now);
  }
}

/** Says what of the quote failed, where the protocol's code alone does not. */
function explained(error: unknown, quote: Quote, now: number): unknown {
  if (!(error instanceof ChitError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case "authentication-failed":
    case "signing-key-unknown":
    case "document-type-wrong":
    case "transaction-mismatch":
      return new WalletError("certificate-invalid", error.message, options);
    case "expired": {
      const code = now > quote.expiresAt ? "quote-expired" : "certificate-expired";
      return new WalletError(code, error.message, options);
    }
    default:
      return error;
  }
}
