/**
 * Someone else pays, at the payer (PROTOCOL.md, section 8): a quote that a link led to is paid without a session; the
 * proof is forwarded until the shop gives its receipt. Goods, address and advice are the initiator's.
 */
import {
  ChitError,
  createForward,
  decodeProofReceipt,
  equalBytes,
  type ForwardExtras,
  type ProblemCode,
  readVerdict,
} from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, UnreachableError, WalletError } from "./errors.ts";
import { holderOf } from "./former-accounts.ts";
import { keyListOf } from "./issuer.ts";
import { getQuote, postProof } from "./mts-client.ts";
import type { PurchaseEvent } from "./purchase-state.ts";
import { quoteOf } from "./quote-of.ts";
import type { Failure, PurchaseIn } from "./records.ts";

/** What the shop says of a link that cannot be paid (any more). */
const OVER: readonly string[] = [
  "already-paid",
  "payer-link-closed",
  "quote-expired",
  "transaction-unknown",
];

/**
 * Looks at the link once more, right before paying: somebody else may have paid meanwhile.
 *
 * @returns why it must not be paid; null when it may
 * @throws {WalletError} `shop-unreachable`: it is tried again, and nothing is paid before the shop has answered
 */
export async function whyNotToPay(
  deps: CtsDeps,
  { quoteUrl, quote }: PurchaseIn<"payer-confirmed">,
): Promise<Failure | null> {
  try {
    const current = await getQuote(deps, quoteUrl);
    if (equalBytes(current, quote)) return null;
    return { code: "quote-mismatch", detail: "The shop shows another offer now." };
  } catch (error) {
    if (error instanceof RefusedError && OVER.includes(error.code)) {
      return { code: error.code, detail: error.message };
    }
    if (!(error instanceof UnreachableError || error instanceof RefusedError)) throw error;
    throw new WalletError("shop-unreachable", error.message, { cause: error });
  }
}

/**
 * Step 7 for somebody else: forwards the proof, with the key list for a shop that does not know its key yet.
 *
 * @throws {UnreachableError | RefusedError} as `exchange` does; {ChitError} when the answer is no receipt for this proof
 */
export async function forwardForReceipt(
  deps: CtsDeps,
  purchase: PurchaseIn<"payer-paid">,
): Promise<PurchaseEvent> {
  const { proofUrl, transactionNumber } = quoteOf(purchase);
  const holder = await holderOf(deps, purchase.accountKey);
  const { proof } = purchase;
  const forward = (extras: ForwardExtras) =>
    postProof(deps, proofUrl, createForward("proof", proof, extras));
  let body: Uint8Array;
  try {
    body = await forward({}).catch((error: unknown) => {
      if (!isRefusal(error, "signing-key-unknown")) throw error;
      return forward({ keyList: holder.keyList });
    });
  } catch (error) {
    if (isRefusal(error, "refunded")) return { type: "receipted", payment: "returned" };
    throw error;
  }
  const receipt = decodeProofReceipt(body);
  const { jti } = readVerdict(deps.crypto, await keyListOf(deps, holder), "proof", proof);
  if (receipt.paymentId !== jti || receipt.transactionNumber !== transactionNumber) {
    throw new ChitError("transaction-mismatch", "The shop's receipt is for another payment.");
  }
  return { type: "receipted", payment: receipt.first ? "first" : "further" };
}

const isRefusal = (error: unknown, code: ProblemCode) =>
  error instanceof RefusedError && error.code === code;
