/**
 * Stable codes of everything that can go wrong at a boundary of the protocol. Programs switch on the code;
 * people read the message. A denial of payment is a value, not an error.
 */
export type ChitErrorCode =
  /** Not JSON, not base64url, a field missing, unknown, or out of its bounds. */
  | "malformed-message"
  /** Longer than the bound for its kind. */
  | "message-too-large"
  /** An amount that is no whole number of smallest units, or out of range. */
  | "amount-invalid"
  /** A PIN that is not 6 to 12 digits. */
  | "pin-invalid"
  /** A signature, MAC or ciphertext that does not verify: changed, or made under another key. */
  | "authentication-failed"
  /** A signed document whose key is not in the key list. */
  | "signing-key-unknown"
  /** A signed document of another type than the one expected. */
  | "document-type-wrong"
  /** A key list older than the one already known. */
  | "key-list-older"
  /** A key list or certificate that is no longer, or not yet, valid. */
  | "expired"
  | "not-yet-valid"
  /** The merchant certificate does not name the page's origin. */
  | "origin-not-certified"
  /** The quote was made by another merchant than the one that the certificate names. */
  | "merchant-mismatch"
  /** Amount, currency, scale or lines of a quote do not fit each other or the issuer. */
  | "quote-inconsistent"
  /** The issuer of the wallet's account is not among those that the quote accepts. */
  | "issuer-not-accepted"
  /** A document that belongs to another transaction, quote or amount. */
  | "transaction-mismatch"
  /** A report or statement whose sums do not add up, or do not fit its entries. */
  | "books-inconsistent"
  /** A sealed message for a suite or key that the receiver does not hold. */
  | "sealing-key-unknown"
  /** Goods cut short, reordered, changed, or other than the shipping advice promised. */
  | "goods-damaged";

/** The one error class of the protocol. `code` is stable; `message` says what was wrong and what to do. */
export class ChitError extends Error {
  override readonly name = "ChitError";
  readonly code: ChitErrorCode;

  constructor(code: ChitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
