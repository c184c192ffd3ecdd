/** Which words go with which failure code. A code without words of its own gets the general ones. */
import type { ChitErrorCode, DenialReason, ProblemCode } from "@chit/protocol";
import type { FailureView, WalletFailureCode } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";

/** What happened, and what to do. */
export interface FailureWords {
  readonly title: PlainKey;
  readonly text: PlainKey;
}

type ForeignCode = ChitErrorCode | ProblemCode | DenialReason | "no-wallet";
type KnownCode = WalletFailureCode | ForeignCode;

const words = (title: PlainKey, text: PlainKey): FailureWords => ({ title, text });

const unknown = words("fail_unknown_title", "fail_unknown_text");
const shopSilent = words("fail_shop_unreachable_title", "fail_shop_unreachable_text");
const shopUnproven = words("fail_shop_proof_title", "fail_shop_proof_text");
const forged = words("fail_certificate_invalid_title", "fail_certificate_invalid_text");
const expired = words("fail_certificate_expired_title", "fail_certificate_expired_text");
const quoteWrong = words("fail_quote_title", "fail_quote_text");
const quoteExpired = words("ended_expired_title", "ended_expired_text");
const revoked = words("fail_certificate_revoked_title", "fail_certificate_revoked_text");
const addressWrong = words("fail_address_title", "fail_address_text");
const goodsMissing = words("fail_goods_title", "fail_goods_text");
const goodsDamaged = words("goods_damaged_title", "goods_damaged_text");
const gone = words("fail_gone_title", "fail_gone_text");
const drift = words("drift_title", "drift_call");

/** The wallet's own codes have words, every one; of others those that a shopper can meet. */
const WORDS: Record<WalletFailureCode, FailureWords> & Partial<Record<ForeignCode, FailureWords>> =
  {
    "no-wallet": words("fail_no_wallet_title", "fail_no_wallet_text"),
    // Reaching somebody.
    "shop-unreachable": shopSilent,
    "waiting-for-shop": words("shop_silent_title", "shop_silent_text"),
    "waiting-for-goods": words("goods_waiting_title", "goods_waiting_text"),
    "checking-payment": words("checking_title", "checking_text"),
    "issuer-unreachable": words("fail_issuer_unreachable_title", "fail_issuer_unreachable_text"),
    "issuer-answer-forged": words("fail_answer_forged_title", "fail_answer_forged_text"),
    "shop-refused": words("fail_shop_refused_title", "fail_shop_refused_text"),
    "shop-answer-forged": shopUnproven,
    unavailable: shopSilent,
    "internal-error": unknown,
    // Who the shop is.
    "certificate-missing": words("fail_certificate_missing_title", "fail_certificate_missing_text"),
    "certificate-invalid": forged,
    "certificate-revoked": revoked,
    "merchant-revoked": revoked,
    "certificate-expired": expired,
    "signing-key-unknown": forged,
    "document-type-wrong": forged,
    "not-yet-valid": words("fail_not_yet_valid_title", "fail_not_yet_valid_text"),
    "origin-not-certified": words("fail_origin_title", "fail_origin_text"),
    "merchant-mismatch": shopUnproven,
    "merchant-unknown": words("fail_merchant_unknown_title", "fail_merchant_unknown_text"),
    "authentication-failed": shopUnproven,
    // The offer.
    expired: quoteExpired,
    "quote-expired": quoteExpired,
    "quote-mismatch": shopUnproven,
    "quote-inconsistent": quoteWrong,
    "malformed-message": quoteWrong,
    "message-too-large": quoteWrong,
    "amount-invalid": quoteWrong,
    "transaction-unknown": quoteExpired,
    "session-taken": words("fail_session_taken_title", "fail_session_taken_text"),
    "address-required": addressWrong,
    "address-unwanted": addressWrong,
    // Somebody else pays.
    "already-paid": words("fail_already_paid_title", "fail_already_paid_text"),
    "payer-link-closed": words("fail_link_closed_title", "fail_link_closed_text"),
    "nobody-paid": words("fail_nobody_paid_title", "fail_nobody_paid_text"),
    "no-payer-link": words("fail_no_payer_link_title", "fail_no_payer_link_text"),
    "awaiting-payer": words("shared_waiting", "shared_waiting_text"),
    "telling-shop": words("telling_shop_title", "telling_shop_text"),
    // The account.
    "no-account": words("no_account_title", "no_account_text"),
    "issuer-not-accepted": words("fail_issuer_title", "fail_issuer_text"),
    "currency-not-supported": words("fail_currency_title", "fail_currency_text"),
    "insufficient-funds": words("fail_funds_title", "fail_funds_text"),
    "account-held": words("held_title", "held_text"),
    "account-busy": words("fail_busy_title", "fail_busy_text"),
    "account-not-ready": words("fail_not_ready_title", "fail_not_ready_text"),
    "out-of-sequence": drift,
    "device-revoked": words("device_revoked_title", "device_revoked_text"),
    "pin-locked": words("pin_locked_title", "pin_locked_text"),
    "awaiting-pin": words("awaiting_pin_title", "awaiting_pin_text"),
    "pin-needed": words("fail_pin_needed_title", "pin_again"),
    "wrong-pin": words("pin_wrong", "fail_pin_needed_title"),
    "pin-changed": words("condition_pin_changed", "pin_changed_note"),
    "statement-unavailable": words("fail_statement_title", "fail_statement_text"),
    "statement-too-long": words("fail_statement_long_title", "fail_statement_long_text"),
    "statement-under-review": words("fail_statement_review_title", "fail_statement_review_text"),
    "statement-forged": words("fail_statement_forged_title", "fail_statement_forged_text"),
    "too-many-invites": words("fail_invites_title", "fail_invites_text"),
    "device-unknown": words("fail_device_unknown_title", "fail_device_unknown_text"),
    "new-pin-needed": words("fail_new_pin_title", "fail_new_pin_text"),
    "issuer-refused": words("fail_issuer_refused_title", "fail_issuer_refused_text"),
    "pin-invalid": words("pin_wrong", "pin_error_digits"),
    "activation-invalid": words("fail_activation_invalid_title", "fail_activation_invalid_text"),
    "activation-used": words("fail_activation_used_title", "fail_activation_used_text"),
    // The goods.
    "goods-damaged": goodsDamaged,
    "goods-changed": goodsDamaged,
    "goods-unknown": goodsMissing,
    "goods-unavailable": goodsMissing,
    "redelivery-over": words("again_over_title", "again_over_text"),
    "redelivery-too-often": words("again_often_title", "again_over_text"),
    "redelivery-not-offered": words("again_none_title", "again_over_text"),
    "redelivery-unanswered": words("again_silent_title", "again_silent_text"),
    "redelivery-refused": words("again_refused_title", "again_over_text"),
    // Money back.
    refunded: words("refund_goods_title", "refund_goods_text"),
    "refund-unanswered": words("refund_unanswered_fail_title", "refund_unanswered_fail_text"),
    "refund-refused": words("refund_denied_title", "refund_denied_text"),
    "refund-too-often": words("refund_often_title", "refund_denied_text"),
    "refund-amount": words("refund_amount_title", "refund_amount_text"),
    // Backups.
    "payment-unknown": words("payment_unknown_title", "payment_unknown_text"),
    "restored-unpaid": words("restored_unpaid_title", "restored_unpaid_text"),
    "restored-expired": words("restored_expired_title", "restored_expired_text"),
    "backup-unknown": words("fail_backup_unknown_title", "fail_backup_unknown_text"),
    "backup-newer": words("fail_backup_newer_title", "fail_backup_newer_text"),
    "backup-damaged": words("fail_backup_damaged_title", "fail_backup_damaged_text"),
    "backup-passphrase": words("fail_backup_passphrase_title", "fail_backup_passphrase_text"),
    "backup-goods-gone": words("fail_backup_goods_title", "fail_backup_goods_text"),
    "no-recovery": words("fail_no_recovery_title", "fail_no_recovery_text"),
    "log-unreadable": words("fail_log_title", "fail_log_text"),
    // The wallet itself.
    "unknown-purchase": gone,
    "unknown-refusal": gone,
    "unknown-account": gone,
    "wrong-state": words("fail_wrong_state_title", "fail_wrong_state_text"),
    "storage-failed": words("fail_storage_title", "fail_storage_text"),
  };

/** The words for a failure. */
export function failureWords(failure: Pick<FailureView, "code">): FailureWords {
  return Object.hasOwn(WORDS, failure.code)
    ? (WORDS[failure.code as KnownCode] ?? unknown)
    : unknown;
}
