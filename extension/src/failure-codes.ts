/** Everything that may go wrong in the wallet, by its code. */

/**
 * The wallet's own failure codes, beside the protocol's (`ChitErrorCode`, `ProblemCode`, `DENIAL_REASONS`).
 * The pages have words for each; a code that they do not know gets general words and its `detail`.
 */
export type WalletFailureCode =
  /** The shop's server cannot be reached, or answered with something that is no answer. */
  | "shop-unreachable"
  /** The operator's TPS cannot be reached, or answered with something that is no answer. */
  | "issuer-unreachable"
  /** The answer of the TPS does not verify. As a `waiting`: asked again with the identical bytes. */
  | "issuer-answer-forged"
  /** As a `waiting`: sent, not answered yet; the next try comes by itself. */
  | "checking-payment"
  | "waiting-for-shop"
  | "waiting-for-goods"
  /** A page points at a quote, but no account of this wallet fits it (the wallet has no key list to judge by). */
  | "no-account"
  | "certificate-missing"
  | "certificate-revoked"
  | "certificate-invalid"
  /** Activation: no such link or secret, used before, or past its time. */
  | "activation-invalid"
  | "activation-used"
  /** The account has another payment under way: one at a time. */
  | "account-busy"
  /** The state of the account does not allow it; the account's `condition` says why. */
  | "account-not-ready"
  | "out-of-sequence"
  | "device-revoked"
  | "pin-locked"
  | "awaiting-pin"
  /** The PIN was not typed, or the wallet was stopped before it was used: type it and press Pay again. */
  | "pin-needed"
  | "wrong-pin"
  /** The PIN was set anew by telephone: type the new one. */
  | "pin-changed"
  /** More wallets were invited, or activated, than the account may have waiting for a PIN. */
  | "too-many-invites"
  /** The TPS does not know this device (any more). */
  | "device-unknown"
  /** A hold is on the account. */
  | "account-held"
  /** After drift the telephone has to give a new PIN as well as the count. */
  | "new-pin-needed"
  /** The TPS refuses the message as such; `detail` has its words. Asked again later. */
  | "issuer-refused"
  /** The shop's server refuses the message; `detail` has its words. After payment asked again later. */
  | "shop-refused"
  /** The shop's answer after payment does not verify under the session; asked again later. */
  | "shop-answer-forged"
  /** Goods were wanted again: the shop's time for that is over, it has given them too often, or gives nothing again. */
  | "redelivery-over"
  | "redelivery-too-often"
  | "redelivery-not-offered"
  /** The shop does not answer, or does not know the purchase (any more); asked again when the shopper wants. */
  | "redelivery-unanswered"
  | "redelivery-refused"
  /** All of it was given back: there is nothing to get any more. */
  | "refunded"
  /** The money was asked for; as a refund's failure, asked again by itself. */
  | "refund-unanswered"
  /** The shop does not take the request for the money: for good, this often, or more than was paid. */
  | "refund-refused"
  | "refund-too-often"
  | "refund-amount"
  /** A payment that came with a backup: the operator keeps its answer no more. As a `waiting`: for the shopper. */
  | "payment-unknown"
  /** An offer that came with a backup: the other computer may have paid it since. As a `waiting`: for the shopper. */
  | "restored-unpaid"
  | "restored-expired"
  /** Somebody else was to pay, and nobody did in time. */
  | "nobody-paid"
  /** As a `waiting`: somebody else is to pay; the shop is asked again. */
  | "awaiting-payer"
  /** As a `waiting`: paid for somebody else; the shop is told as soon as it answers. */
  | "telling-shop"
  /** The shop shows no page to anybody else, or the link was called off. */
  | "no-payer-link"
  /** The file is no backup; is one of a later version; was changed or cut short; has another passphrase. */
  | "backup-unknown"
  | "backup-newer"
  | "backup-damaged"
  | "backup-passphrase"
  /** A copy of goods went away while the backup was made. */
  | "backup-goods-gone"
  /** The backup has no secret to connect the account again. */
  | "no-recovery"
  /** What the operator shows of its log of payments does not verify; `detail` says what. */
  | "log-unreadable"
  /**
   * The operator has no statement of that month; would have to make too long a one; clears something up first; or what
   * it gave does not verify, or does not add up.
   */
  | "statement-unavailable"
  | "statement-too-long"
  | "statement-under-review"
  | "statement-forged"
  /** Asked for something that the wallet does not have (any more). */
  | "unknown-purchase"
  | "unknown-refusal"
  | "unknown-account"
  /** Not possible in the purchase's state. */
  | "wrong-state"
  /** The computer's disk is full, or refuses to keep the wallet's data. */
  | "storage-failed"
  /** A fault of the wallet itself. */
  | "internal-error";

/** Something that went wrong. `code` picks the words (`_locales`); `detail` is for the curious. */
export interface FailureView {
  /** A {@link WalletFailureCode} or a code of the protocol. */
  readonly code: string;
  readonly detail: string;
}
