/** What can go wrong: errors for the merchant's developer, and refusals that answer a wallet. */
import { ChitError, PROBLEMS, type ProblemCode, problemCodeFor } from "@chit/protocol";

/** Stable codes of everything that the merchant's developer or operator has to mend. */
export type MerchantErrorCode =
  /** `createMerchant` was given an option that it does not know, or one that cannot be right. */
  | "options-invalid"
  /** The keys file is missing, unreadable or not what `chit-merchant apply` wrote. */
  | "keys-unreadable"
  /** The bundle file is missing, unreadable, or does not verify under its own root key. */
  | "bundle-unreadable"
  /** The certificate is for other keys than those in the keys file. */
  | "keys-mismatch"
  /** The certificate has run out, or begins later than this computer's clock says it is. */
  | "certificate-expired"
  | "certificate-not-yet-valid"
  /** The issuer's key list has run out and no newer one could be fetched. */
  | "key-list-expired"
  /** The shop was called under an origin that the certificate does not name. */
  | "origin-not-certified"
  /** A price that is a float, no decimal, or too fine for the currency's scale. */
  | "price-invalid"
  /** An offer without lines, goods or delivery, or one that costs nothing. */
  | "offer-invalid"
  /** Two sellers with one id, or a sale whose seller is not set up any more. */
  | "seller-duplicate"
  | "seller-unknown"
  /** A number that the merchant's program asks about, and that no sale of this shop has. */
  | "sale-unknown"
  /** A sale that cannot be cancelled any more. */
  | "sale-paid"
  /** A refund of more than was paid, of what nobody paid, or a decision on what nobody asked. */
  | "refund-invalid"
  /** A finding of a reconciliation that is settled by now, or never was one. */
  | "finding-unknown"
  /** A file or stream of goods that cannot be read. */
  | "goods-unreadable"
  /** The store's file cannot be opened, or was written by a newer version. */
  | "store-unusable";

/** An error for the merchant's developer: `code` is stable, `message` says what to do. */
export class MerchantError extends Error {
  override readonly name = "MerchantError";
  readonly code: MerchantErrorCode;

  constructor(code: MerchantErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A refusal that answers a wallet as a problem (RFC 9457). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** The refusal that answers any error at the boundary. What is no refusal yet shows nothing of its inside. */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ChitError) {
    return new Refusal(problemCodeFor(error.code), error.message, { cause: error });
  }
  if (error instanceof MerchantError) return refusalForMerchant(error);
  return new Refusal("internal-error", "The shop could not answer. Try again later.", {
    cause: error,
  });
}

function refusalForMerchant(cause: MerchantError): Refusal {
  switch (cause.code) {
    case "certificate-expired":
    case "certificate-not-yet-valid":
      return new Refusal("certificate-expired", "The shop has to renew its certificate.", {
        cause,
      });
    case "goods-unreadable":
    case "seller-unknown":
      return new Refusal(
        "goods-unavailable",
        "The payment is recorded. The shop has to mend something; send for the goods again later.",
        { cause },
      );
    default:
      return new Refusal("unavailable", "The shop cannot take payments just now.", { cause });
  }
}

/** HTTP status of a refusal. */
export function statusOf(refusal: Refusal): number {
  return PROBLEMS[refusal.code].status;
}
